"""Promotion: spooled exchanges, of every instance, get their own names."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from simulator.recordings import document, names
from simulator.storage.container import Blob, Container, StorageError

logger = logging.getLogger(__name__)

# A Functions app has five minutes by default; what is left over is for the next run.
BUDGET = 240.0
WRITES_AT_ONCE, BATCHES_AT_ONCE = 16, 8


@dataclass(frozen=True, slots=True)
class PromoteResult:
    """Counts: batches emptied, recordings `saved`, `existing` already, lines put into `quarantined`,
    batches that `failed` because the store did not take or give something.

    `finished` is False if time ran out or something failed; the next run carries on.
    """

    batches: int = 0
    saved: int = 0
    existing: int = 0
    quarantined: int = 0
    failed: int = 0
    finished: bool = True

    def __add__(self, other: "PromoteResult") -> "PromoteResult":
        return PromoteResult(
            self.batches + other.batches,
            self.saved + other.saved,
            self.existing + other.existing,
            self.quarantined + other.quarantined,
            self.failed + other.failed,
            self.finished and other.finished,
        )


SAVED, EXISTING = PromoteResult(saved=1), PromoteResult(existing=1)
QUARANTINED, BATCH = PromoteResult(quarantined=1), PromoteResult(batches=1)
UNFINISHED = PromoteResult(finished=False)
FAILED = PromoteResult(failed=1, finished=False)


async def promote(
    container: Container, clock: Callable[[], float], *, budget: float = BUDGET
) -> PromoteResult:
    """Moves what is spooled to its own names, the oldest first; stops after `budget` seconds.

    Raises `StorageError` if every batch failed with one; one bad batch stops no other.
    It may be killed at any moment, repeated, and run by several processes at once: a batch goes only
    when each of its lines is in place, and no name is ever written twice.
    """
    return await _Promotion(container, clock, clock() + budget).run()


class _Promotion:
    def __init__(self, container: Container, clock: Callable[[], float], deadline: float) -> None:
        self._container = container
        self._clock = clock
        self._deadline = deadline
        self._writes = asyncio.Semaphore(WRITES_AT_ONCE)
        self._error: StorageError | None = None
        # For each name, whether the last line so far is in place.
        self._lines: dict[str, asyncio.Future[bool]] = {}

    async def run(self) -> PromoteResult:
        found = [name async for name in self._container.names(names.SPOOL)]
        found.sort(key=lambda name: name.rpartition("/")[2])
        total = PromoteResult()
        for start in range(0, len(found), BATCHES_AT_ONCE):
            some = found[start : start + BATCHES_AT_ONCE]
            if self._clock() >= self._deadline:
                total += UNFINISHED
                break
            total += await self._together(some)
        if self._error is not None and total.failed == len(found):
            raise self._error  # nothing works: the store is unreachable, or refuses us
        return total

    async def _together(self, batches: list[str]) -> PromoteResult:
        """Promote batches at the same time, in which the oldest line of each name still wins."""
        self._lines.clear()
        read = await asyncio.gather(*map(self._container.get, batches), return_exceptions=True)
        return await _sum(map(self._guarded, batches, read))

    async def _guarded(self, name: str, read: Blob | BaseException | None) -> PromoteResult:
        """Promote a batch; one that cannot be read or written stays, and stops no other."""
        try:
            if isinstance(read, BaseException):
                raise read
            return await self._batch(name, read)
        except StorageError as error:
            logger.error("the batch %s could not be promoted: %s", name, error)
            self._error = error
            return FAILED

    async def _batch(self, name: str, blob: Blob | None) -> PromoteResult:
        if self._clock() >= self._deadline:
            return UNFINISHED
        if blob is None:  # another run was faster
            return PromoteResult()
        lines = [(number, line) for number, line in enumerate(blob.data.split(b"\n"), 1) if line]
        done = await _sum(
            self._line(line, names.quarantine_name(name, number)) for number, line in lines
        )
        if done.finished:
            await self._container.delete(name)
            done += BATCH
        return done

    async def _line(self, data: bytes, quarantine: str) -> PromoteResult:
        try:
            line = document.parse_line(data)
        except (ValueError, RecursionError) as error:
            logger.error("a spooled line is broken, and stored as %s: %s", quarantine, error)
            async with self._writes:
                await self._container.put_new(quarantine, data)
            return QUARANTINED
        # Tasks begin in the order in which they were made, so that of the oldest batch comes first.
        before = self._lines.get(line.name)
        done = self._lines[line.name] = asyncio.get_running_loop().create_future()
        result = UNFINISHED
        try:
            # A later answer must not take the place of one that could not be written.
            if before is None or await before:
                result = await self._write(line)
        finally:
            done.set_result(result.finished)
        return result

    async def _write(self, line: document.Line) -> PromoteResult:
        async with self._writes:
            if self._clock() >= self._deadline:
                return UNFINISHED
            stored = await self._container.put_new(line.name, document.pretty(line.document))
            return SAVED if stored else EXISTING


async def _sum(work: Iterable[Awaitable[PromoteResult]]) -> PromoteResult:
    """Add up the results, once all of them are there; raises the first error only then."""
    results = await asyncio.gather(*work, return_exceptions=True)
    total = PromoteResult()
    for result in results:
        if isinstance(result, BaseException):
            raise result
        total += result
    return total
