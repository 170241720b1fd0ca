"""The rules that came over HTTP, as they are kept for all instances."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple

import msgspec

from simulator.errors import ApiError, InvalidRequest, Unavailable
from simulator.rules.document import MOST_RULES, read_rules
from simulator.rules.errors import BadRule
from simulator.rules.rule import Rule
from simulator.storage.container import Blob, Container, StorageError, Unchanged, write_over
from simulator.storage.watched import WatchedBlob

NAME = ".config/rules.json"
# Others change rules seldom: who comes too late so often meets a fault, not a crowd.
_ATTEMPTS = 20


class StoredRule(msgspec.Struct, frozen=True):
    """A rule's members, and the time of day at which it came."""

    came: float
    rule: dict[str, Any]

    @property
    def name(self) -> str:
        return self.rule["name"]


class StoredRules(msgspec.Struct, frozen=True):
    """The rules in their order; `reset_at` is the time of day from which `ttl` counts if it is later, `off`
    are the names of rules that are switched off, wherever these come from.
    """

    rules: tuple[StoredRule, ...] = ()
    reset_at: float = 0.0
    off: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.rules]

    def merged(self, fresh: Sequence[StoredRule]) -> "StoredRules":
        """Return the rules with `fresh` ones added, or in the place of those of the same names. Raises
        `BadRule` for more than there may be.
        """
        by_name = {one.name: one for one in (*self.rules, *fresh)}
        if len(by_name) > MOST_RULES:
            raise BadRule("all", f"there would be more than {MOST_RULES} rules.")
        return self._with(tuple(by_name.values()), [one.name for one in fresh])

    def replaced(self, rules: tuple[StoredRule, ...]) -> "StoredRules":
        """Return these rules in the place of all."""
        return self._with(rules, [*self.names, *(one.name for one in rules)])

    def without(self, name: str) -> "StoredRules":
        return self._with(tuple(one for one in self.rules if one.name != name), [name])

    def switched(self, name: str, *, on: bool, known: Collection[str]) -> "StoredRules":
        """Return the rules with those of the name on or off; `known` are the names of all rules that
        there are."""
        off = {one for one in self.off if one in known} - {name}
        off |= set() if on else {name}
        return StoredRules(self.rules, self.reset_at, tuple(sorted(off)))

    def _with(self, rules: tuple[StoredRule, ...], on: Collection[str]) -> "StoredRules":
        off = tuple(name for name in self.off if name not in on)
        return StoredRules(rules, self.reset_at, off)

    def read(self) -> list[Rule]:
        """Return the rules, checked. Raises `InvalidRequest`."""
        return read_rules([one.rule for one in self.rules])


NOTHING_STORED = StoredRules()

Revise = Callable[[StoredRules], StoredRules]


class _Revised(NamedTuple):
    """Rules as they shall be; `data` is None if nothing differs."""

    stored: StoredRules
    rules: Sequence[Rule]
    data: bytes | None


class RuleStore:
    """`newest` is what was read or written last; `take` is called with each new one and its rules."""

    def __init__(
        self, container: Container, take: Callable[[StoredRules, Sequence[Rule]], None]
    ) -> None:
        self._container = container
        self._watched = WatchedBlob(container, NAME)
        self._take = take
        self._taking: asyncio.Future[None] | None = None
        self.newest = NOTHING_STORED
        self.refused = ""
        """Why what is stored cannot be used; "" if it can."""

    async def refresh(self) -> None:
        """Take over what another instance has stored. Raises `StorageError`."""
        if self._taking is None:
            blob = await self._watched.news()
            if isinstance(blob, Unchanged):
                return
            self._taking = asyncio.ensure_future(self._take_over(blob))
        taking = self._taking
        await asyncio.wait({taking})  # which goes on when who waits for it gives up
        self._taking = None
        taking.result()

    async def _take_over(self, blob: Blob | None) -> None:
        def read() -> tuple[StoredRules, Sequence[Rule]]:
            stored = _read(blob)
            return stored, stored.read()

        try:
            self._accept(*await asyncio.to_thread(read))
            self.refused = ""
        except ApiError as error:
            self.refused = error.message
        if blob is not None:
            self._watched.accept(blob)

    async def revise(self, revise: Revise) -> None:
        """Change the stored rules. Raises `InvalidRequest` and `Unavailable`: then nothing was changed."""
        try:
            for _ in range(_ATTEMPTS):
                before = await self._container.get(NAME)
                revised = await asyncio.to_thread(_revised, before, revise)
                if revised.data is None or await self._write(revised.data, before):
                    self._accept(revised.stored, revised.rules)
                    return
        except StorageError as error:
            raise Unavailable(
                f"The rules cannot be stored, and none was changed: {error}"
            ) from error
        raise Unavailable("Others keep changing the rules, and nothing was changed.")

    def _accept(self, stored: StoredRules, rules: Sequence[Rule]) -> None:
        if stored != self.newest:
            self.newest = stored
            self._take(stored, rules)

    async def _write(self, data: bytes, before: Blob | None) -> bool:
        return await write_over(self._container, NAME, data, before)


def _revised(before: Blob | None, revise: Revise) -> _Revised:
    try:
        stored = _read(before)
    except InvalidRequest:
        stored = NOTHING_STORED
    after = revise(stored)
    rules = after.read()
    same = after == stored
    data = None if same else msgspec.json.format(msgspec.json.encode(after), indent=2)
    return _Revised(after, rules, data)


def _read(blob: Blob | None) -> StoredRules:
    if blob is None:
        return NOTHING_STORED
    try:
        return msgspec.json.decode(blob.data, type=StoredRules)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"{NAME} cannot be read: {error}") from None
