"""The ids of responses and of the items in them, in the shape that recordings show.

    resp_02ce8deeb6197db200698c5196e9588197a572bbea62d38cd1
    msg_ 02ce8deeb6197db2 00 698c5198 ca0c 8197 9bedbe6c98a8ab93

A response and its items share their first 16 digits; the eight after `00` are the second in which
it was made (recorded 2025-12 to 2026-07). So an id says where its item is stored, and how old it
is.
"""

import random
import re
from typing import NamedTuple

_ID = re.compile(r"[a-z]+_([0-9a-f]{16})[0-9a-f]{2}([0-9a-f]{8})[0-9a-f]{24}")
_SHARDS = ("8190", "8193", "8194", "8195", "8196", "8197")


class Family(NamedTuple):
    """The digits that a response and its items share, and the second since 1970."""

    digits: str
    second: int


def family_of(identifier: str) -> Family | None:
    """The family that an id belongs to, or None if it has not the shape of one."""
    found = _ID.fullmatch(identifier)
    return Family(found[1], int(found[2], 16)) if found else None


class ResponseIds:
    """Draws the ids of one family, made at `now` (seconds since 1970)."""

    def __init__(self, rng: random.Random, now: float) -> None:
        self.now = now
        self._rng = rng
        self._head = f"{rng.getrandbits(64):016x}00{int(now):08x}"
        self._shard = rng.choice(_SHARDS)

    def draw(self, prefix: str) -> str:
        """Another id: of a response (`resp`), a message (`msg`), reasoning (`rs`), a call (`fc`)."""
        digits = f"{self._rng.getrandbits(80):020x}"
        return f"{prefix}_{self._head}{digits[:4]}{self._shard}{digits[4:]}"
