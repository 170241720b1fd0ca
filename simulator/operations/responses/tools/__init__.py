"""The tools of a request for a response: functions, custom and built-in ones."""
