"""The base of all errors that stop a start."""


class StartError(Exception):
    """A reason for which the simulator cannot start; the text is one line for the person who starts it.

    `exit_code` is the command line's: 1 if something outside is not as it must be, 2 for a wrong
    setting or file.
    """

    exit_code = 2
    shows_cause = False
    """The traceback of the cause is printed, since it is somebody else's code."""
