"""The lifetime of a file: `expires_after` of an upload, `output_expires_after` of a batch."""

from msgspec import Struct

from simulator.errors import InvalidPayload, InvalidRequest
from simulator.operations.files.store import LONGEST_LIFE, SHORTEST_LIFE


class ExpiresAfter(Struct, frozen=True, forbid_unknown_fields=True):
    """The lifetime in a JSON body."""

    seconds: int
    anchor: str

    def checked(self, parameter: str) -> int:
        """Return the seconds, or refuse what the service does not take as the `parameter`."""
        return checked_lifetime(str(self.seconds), self.anchor, parameter)


def checked_lifetime(seconds: str, anchor: str, parameter: str) -> int:
    """Return the seconds, or refuse what the service does not take as the `parameter`."""
    if anchor != "created_at":
        raise InvalidRequest(
            f"Invalid value: '{anchor[:100]}'. Supported values are: 'created_at'.",
            param=f"{parameter}.anchor",
            code="invalid_value",
        )
    text = seconds.strip()
    lifetime = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not SHORTEST_LIFE <= lifetime <= LONGEST_LIFE:
        raise InvalidPayload(
            f"Value for Seconds must be between {SHORTEST_LIFE} and {LONGEST_LIFE}."
        )
    return lifetime
