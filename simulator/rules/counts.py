"""Counts of rules: how often they matched and acted, and which that match a request act now."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from simulator.outages import OutageLog

logger = logging.getLogger(__name__)


class CountsError(Exception):
    """The counts cannot be reached; the cause says why."""


class Candidate(NamedTuple):
    """A rule that matches a request, in the terms of counting.

    `draw` decides with `probability`; with a `seed` (not "") the seed and the number of matches
    decide. An `additive` one acts beside others and ends nothing.
    """

    key: str
    skip: int = 0
    times: int | None = None
    probability: float | None = None
    seed: str = ""
    draw: float = 0.0
    additive: bool = False


class Acting(NamedTuple):
    """A candidate that acts: its place among them, and how often it acted before."""

    position: int
    before: int


class Tally(NamedTuple):
    matched: int = 0
    acted: int = 0


class Counts(Protocol):
    """Keeps the counts by key. Every method may raise `CountsError`."""

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Acting]:
        """In one atomic step, which of them act: of those that are not additive, the first that can.
        Each one that was tried has matched once more."""
        ...

    async def read(self, keys: Sequence[str]) -> Sequence[Tally]: ...

    async def reset(self, keys: Iterable[str]) -> None:
        """Set the counts of these keys to zero."""
        ...

    async def close(self) -> None: ...


class MemoryCounts:
    """The counts of one process. `instances` says how many processes count, each for itself."""

    def __init__(self, instances: Callable[[], int] = lambda: 1) -> None:
        self._tallies: dict[str, Tally] = {}
        self._instances = instances
        self._warned = False

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Acting]:
        if not self._warned and self._instances() > 1 and any(map(_is_counted, candidates)):
            self._warned = True
            logger.warning(
                "%d instances serve, and each counts by itself how often a rule acts; "
                "RATE_LIMIT_REDIS_URL lets them count together",
                self._instances(),
            )
        acting: list[Acting] = []
        decided = False
        for index, candidate in enumerate(candidates):
            if decided and not candidate.additive:
                continue
            matched, acted = self._tallies.get(candidate.key, Tally())
            acts = _acts(candidate, matched, acted)
            self._tallies[candidate.key] = Tally(matched + 1, acted + acts)
            if acts:
                acting.append(Acting(index, acted))
                decided = decided or not candidate.additive
        return acting

    async def read(self, keys: Sequence[str]) -> Sequence[Tally]:
        return [self._tallies.get(key, Tally()) for key in keys]

    async def reset(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._tallies.pop(key, None)

    async def close(self) -> None:
        return


class FallbackCounts:
    """The counts that instances share; while they cannot be reached, this process counts alone."""

    def __init__(self, shared: Counts) -> None:
        self._shared = shared
        self._alone = MemoryCounts()
        self._outage = OutageLog(logger, "the store of the rules' counts")

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Acting]:
        try:
            acting = await self._shared.decide(candidates)
        except CountsError as error:
            self._log(error)
            return await self._alone.decide(candidates)
        self._outage.ends()
        return acting

    async def read(self, keys: Sequence[str]) -> Sequence[Tally]:
        try:
            return await self._shared.read(keys)
        except CountsError as error:
            self._log(error)
            return await self._alone.read(keys)

    async def reset(self, keys: Iterable[str]) -> None:
        forgotten = tuple(keys)
        await self._alone.reset(forgotten)
        try:
            await self._shared.reset(forgotten)
        except CountsError as error:
            self._log(error)

    async def close(self) -> None:
        await self._shared.close()

    def _log(self, error: CountsError) -> None:
        self._outage.begins(
            "rules count in this process alone, their store is unreachable: %s", error
        )


def _is_counted(candidate: Candidate) -> bool:
    """True for a rule that counts decide on."""
    return candidate.times is not None or candidate.skip > 0 or bool(candidate.seed)


def _acts(candidate: Candidate, matched: int, acted: int) -> bool:
    if matched < candidate.skip:
        return False
    if candidate.times is not None and acted >= candidate.times:
        return False
    if candidate.probability is None:
        return True
    draw = seeded_draw(candidate.seed, matched) if candidate.seed else candidate.draw
    return draw < candidate.probability


def seeded_draw(seed: str, matched: int) -> float:
    """A number from 0 to below 1; `counts.lua` draws the same."""
    digest = hashlib.sha1(f"{seed}:{matched}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) / 2**32
