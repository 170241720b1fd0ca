"""The errors that are recorded: those that a setting names by their status or their code."""

from dataclasses import dataclass
from typing import cast

import msgspec

_FIRST_ERROR = 300
_LARGEST_ERROR = 64 * 1024
_CODES = ("code", "type")


@dataclass(frozen=True, slots=True)
class RecordedErrors:
    """Statuses, such as `429`, and codes, such as `content_filter`, of `RECORDING_ERRORS`."""

    named: frozenset[str] = frozenset()

    def takes(self, status: int, body: bytes) -> bool:
        """Return True for an answer that may be recorded: a success, or an error that is named."""
        if status < _FIRST_ERROR:
            return True
        if not self.named or status < 400:
            return False
        return str(status) in self.named or not self.named.isdisjoint(_codes(body))


def _codes(body: bytes) -> list[str]:
    """The codes and the type of an error in any of the service's shapes, its inner one included."""
    if len(body) > _LARGEST_ERROR:
        return []
    try:
        found: object = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return []
    codes: list[str] = []
    for name in ("error", "innererror"):
        if not isinstance(found, dict):
            break
        found = cast("dict[str, object]", found).get(name)
        if isinstance(found, dict):
            members = cast("dict[str, object]", found)
            codes += [str(members[code]) for code in _CODES if members.get(code) is not None]
    return codes
