"""Named keys: their file, and the search for the key that a caller offers."""

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from typing import Annotated, get_args

import msgspec
from msgspec import Meta, Struct

from simulator.authentication.caller import DEFAULT, Caller, Role
from simulator.storage.followed import UnusableDocument
from simulator.type_problems import in_document

MOST_KEYS = 10_000
MOST_DEPLOYMENTS = 1_000
LARGEST = 8 * 2**20
"""Bytes of the file."""

_Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+\Z")]
_Key = Annotated[str, Meta(min_length=8, max_length=512)]
_Digest = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{64}\Z")]
_Limit = Annotated[int, Meta(ge=1, le=10**12)]


class KeyFields(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A key as people write it: itself, or its SHA-256 in hexadecimal digits."""

    name: _Name
    key: _Key | None = None
    sha256: _Digest | None = None
    role: Role = "user"
    deployments: Annotated[list[_Name], Meta(max_length=MOST_DEPLOYMENTS)] | None = None
    requests_per_minute: _Limit | None = None
    tokens_per_minute: _Limit | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    keys: Annotated[list[msgspec.Raw], Meta(max_length=MOST_KEYS)]


class KeyRing:
    """Callers by their keys. Keys are not kept, only digests under a secret of this process, so that
    the time of a search says nothing about them.
    """

    def __init__(self, callers: Iterable[tuple[bytes, Caller]]) -> None:
        """`callers` are pairs of the SHA-256 of a key and whoever has it."""
        self._secret = os.urandom(32)
        self._callers = {self._blinded(digest): caller for digest, caller in callers}

    def __len__(self) -> int:
        return len(self._callers)

    def find(self, offered: bytes) -> Caller | None:
        """Return whoever has the key, None if nobody has."""
        return self._callers.get(self._blinded(hashlib.sha256(offered).digest()))

    def _blinded(self, digest: bytes) -> bytes:
        return hmac.digest(self._secret, digest, "sha256")


def read_keys(document: bytes, default: str = "") -> KeyRing:
    """Read `{"keys": [{"name": "team-a", "key": "…", "role": "user"}, …]}`; `default` is the key that is
    an admin's without them.

    Raises `UnusableDocument` with the place of the first mistake; no key is in its text.
    """
    if len(document) > LARGEST:
        raise UnusableDocument(f"larger than {LARGEST} bytes")
    try:
        file = msgspec.json.decode(document, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableDocument(_problem(error, _File)) from None
    entries = [_entry(raw, index) for index, raw in enumerate(file.keys)]
    _check_repeats(entries, default)
    return KeyRing((_digest(entry, index), _caller(entry)) for index, entry in enumerate(entries))


def _entry(raw: msgspec.Raw, index: int) -> KeyFields:
    try:
        return msgspec.json.decode(raw, type=KeyFields)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        problem = _problem(error, KeyFields)
        raise UnusableDocument(f"keys[{index}]: {problem}") from None


def _digest(entry: KeyFields, index: int) -> bytes:
    if (entry.key is None) is (entry.sha256 is None):
        raise UnusableDocument(f"keys[{index}]: {entry.name!r} needs one of key and sha256")
    if entry.key is not None:
        return hashlib.sha256(entry.key.encode()).digest()
    return bytes.fromhex(entry.sha256 or "")


def _caller(entry: KeyFields) -> Caller:
    deployments = None if entry.deployments is None else frozenset(entry.deployments)
    return Caller(
        entry.name, entry.role, deployments, entry.requests_per_minute, entry.tokens_per_minute
    )


def _check_repeats(entries: Sequence[KeyFields], default: str) -> None:
    names: set[str] = {DEFAULT.name}
    admin = hashlib.sha256(default.encode()).digest()
    digests: set[bytes] = set()
    for index, entry in enumerate(entries):
        if entry.name in names:
            whose = "SIMULATOR_API_KEY" if entry.name == DEFAULT.name else "another key"
            raise UnusableDocument(f"keys[{index}]: {entry.name!r} is the name of {whose}")
        digest = _digest(entry, index)
        if digest == admin:
            raise UnusableDocument(
                f"keys[{index}]: {entry.name!r} has the key of SIMULATOR_API_KEY"
            )
        if digest in digests:
            raise UnusableDocument(f"keys[{index}]: {entry.name!r} has the key of another name")
        names.add(entry.name)
        digests.add(digest)


def _problem(error: Exception, struct: type[Struct]) -> str:
    """Return the place and the complaint, in words that show no value."""
    if "Invalid enum value" in str(error):
        return f"role: expected one of {', '.join(get_args(Role))}"
    return " ".join(in_document(error, struct).split())[:300]
