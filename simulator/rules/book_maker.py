"""The book of the rules that are in force, made on a thread: its index takes long for many texts."""

import asyncio
from collections.abc import Callable

from simulator.rules.book import RuleBook

_FEW = 64
"""Rules whose book is made at once."""


class BookMaker:
    """`prepare` returns the number of rules, and a function that makes the book of what is in force now,
    on whatever thread."""

    def __init__(self, prepare: Callable[[], tuple[int, Callable[[], RuleBook]]]) -> None:
        self._prepare = prepare
        self._book = prepare()[1]()
        self._changes = self._known = 0
        self._turn = asyncio.Lock()

    @property
    def empty(self) -> bool:
        """True if there surely is no rule."""
        return self._known == self._changes and not self._book.placed

    def outdate(self) -> None:
        """Note that other rules are in force."""
        self._changes += 1

    async def newest(self) -> RuleBook:
        """Return the book of what is in force, which is made once for all who ask for it."""
        while self._known != self._changes:
            async with self._turn:
                if self._known != self._changes:
                    await self._make()
        return self._book

    async def _make(self) -> None:
        changes = self._changes
        number, make = self._prepare()
        self._book = make() if number <= _FEW else await asyncio.to_thread(make)
        self._known = changes
