"""Members of JSON bodies whose values are secrets, such as the key of a data source."""

import json
from collections.abc import Iterable
from typing import cast

import msgspec

from simulator.recordings import bodies
from simulator.wire.query import MASK

MEMBERS = (
    "authentication.access_token",
    "authentication.connection_string",
    "authentication.encoded_api_key",
    "authentication.key",
    "signing_secret",
    "tools.authorization",
    "tools.headers",
)
"""The members of the service's own requests and answers: those of data sources, of webhooks and of MCP
servers."""
_EVENT = b"data:"
# A value that is shorter may be found by chance where it is no secret.
_SHORTEST = 8

Path = tuple[str, ...]


class SecretMembers:
    """Masks the members of these names; a name may have the names of the objects around it before it,
    with points between. Lists do not count, nor does the case.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._paths = [tuple(name.lower().split(".")) for name in names]
        self._last = {path[-1].encode() for path in self._paths}

    def mask(self, data: bytes, found: set[bytes]) -> bytes:
        """The JSON body, or the event of a stream, with its secrets masked, which are added to `found`.
        What is no JSON stays as it is.
        """
        if not self._may_have_one(data.lower()):
            return data
        head, mark, text = data.partition(_EVENT) if data.startswith(_EVENT) else (b"", b"", data)
        masked = self._masked(text, found)
        return data if masked is None else b"".join((head, mark, masked))

    def _may_have_one(self, lower: bytes) -> bool:
        for name in self._last:  # noqa: SIM110 - a generator costs as much as the search
            if name in lower:
                return True
        return False

    def _masked(self, text: bytes, found: set[bytes]) -> bytes | None:
        """Return the text with its secrets masked; None if it has none."""
        core = text.strip()
        try:
            value = msgspec.json.decode(core)
            masked = self._without(value, (), found)
            if masked == value:
                return None
            written = bodies.encode(core)
            replaced = msgspec.structs.replace(
                written, json=msgspec.Raw(msgspec.json.encode(masked)), text=None, base64=None
            )
            (piece,) = bodies.decode(replaced, 0, None)
        except (ValueError, RecursionError):
            return None
        start = text.find(core[:1])
        return text[:start] + piece.data + text[start + len(core) :]

    def _without(self, value: object, path: Path, found: set[bytes]) -> object:
        if isinstance(value, dict):
            members = cast("dict[str, object]", value)
            return {
                name: self._member(inner, (*path, name.lower()), found)
                for name, inner in members.items()
            }
        if isinstance(value, list):
            return [self._without(inner, path, found) for inner in cast("list[object]", value)]
        return value

    def _member(self, value: object, path: Path, found: set[bytes]) -> object:
        if not any(path[-len(secret) :] == secret for secret in self._paths):
            return self._without(value, path, found)
        if isinstance(value, str) and len(value) >= _SHORTEST:
            written = (json.dumps(value, ensure_ascii=ascii_only) for ascii_only in (True, False))
            found.update(text[1:-1].encode("utf-8", "surrogatepass") for text in written)
        return _veiled(value)


def _veiled(value: object) -> object:
    """The value with all texts and numbers in it masked, so that its shape is still there."""
    if isinstance(value, dict):
        return {name: _veiled(inner) for name, inner in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_veiled(inner) for inner in cast("list[object]", value)]
    return value if value is None or isinstance(value, bool) else MASK
