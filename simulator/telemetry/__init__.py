"""Telemetry of each request: a line in the log, metrics and a trace."""
