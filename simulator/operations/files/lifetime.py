"""The lifetime of a file: `expires_after` of an upload, `output_expires_after` of a batch."""

from msgspec import Struct

from simulator.errors import InvalidPayload, InvalidRequest, missing_parameter
from simulator.operations.files.store import LONGEST_LIFE, SHORTEST_LIFE


class ExpiresAfter(Struct, frozen=True, forbid_unknown_fields=True):
    """The lifetime in a JSON body."""

    seconds: int
    anchor: str | None = None

    def checked(self, parameter: str, anchor: str | None = None) -> int:
        """Return the seconds, or refuse what the service does not take as the `parameter`; `anchor` is one
        that was given outside."""
        anchor = anchor if self.anchor is None else self.anchor
        if anchor is None:
            raise missing_parameter(f"{parameter}.anchor")
        return checked_lifetime(str(self.seconds), anchor, parameter)


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
