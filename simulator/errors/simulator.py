"""Errors that the simulator alone has, in the gateway's shape: of recordings, the upstream and its stores."""

from simulator.errors.gateway import GatewayError


class RecordingNotFound(GatewayError):
    """Nothing is recorded for the request; the message says what comes nearest."""

    status = 404
    code = "RecordingNotFound"


class RecordingBroken(GatewayError):
    """The recording of the request cannot be understood, after an edit perhaps."""

    status = 500
    code = "RecordingBroken"

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"The recording {name} is broken: {cause}. Mend it, or delete it.")


class UpstreamTimeout(GatewayError):
    """The upstream did not answer in time (body reported by users)."""

    status = 408
    code = "Timeout"

    def __init__(self, cause: str = "") -> None:
        super().__init__(f"The operation was timeout.{' ' + cause if cause else ''}")


class UpstreamUnavailable(GatewayError):
    """The upstream could not be reached."""

    status = 502
    code = "BadGateway"


class Unavailable(GatewayError):
    """The simulator is not ready to serve; the message says what it lacks."""

    status = 503
    code = "ServiceUnavailable"


def unreadable_recordings(cause: Exception) -> Unavailable:
    """Return the error of a request whose recording cannot be looked up."""
    return Unavailable(f"The store of the recordings cannot be read: {cause}")
