"""The spool: exchanges written together, in immutable batches that wait for promotion."""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from simulator.recordings import names
from simulator.storage.container import Container, StorageError

MOST_BYTES, MOST_LINES = 4 * 1024 * 1024, 2_000
WRITERS = 4
"""Batches that are written at the same time."""
_TURNS = 4
"""The turns of the event loop over which the callers whose lines are stored go on."""


class _Waiting(NamedTuple):
    line: bytes
    stored: asyncio.Future[None]


class Spool:
    """Group commit: what arrives while all writers are busy leaves together in the next batch.

    `instance` must be unique to this process, `time_ns` a wall clock: together they make the names.
    """

    def __init__(self, container: Container, instance: str, time_ns: Callable[[], int]) -> None:
        self._container = container
        # The end of a long name is what is unique.
        self._instance = names.slug(instance[-64:])
        self._time_ns = time_ns
        self._numbers = itertools.count()
        self._newest: int | None = None
        self._waiting: deque[_Waiting] = deque()
        self._stored: deque[asyncio.Future[None]] = deque()
        self._writers: set[asyncio.Task[None]] = set()
        self._starting = False

    async def add(self, line: bytes) -> None:
        """Returns when the line is stored; `StorageError` if its batch could not be."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(line, stored))
        self._start_writer()
        await stored

    def _start_writer(self) -> None:
        """Start a writer if one is free; what arrives until it begins is part of its batch."""
        # The first batch finds out the moment of the newest one there, for all others.
        most = 1 if self._newest is None else WRITERS
        if self._starting or len(self._writers) >= most:
            return
        self._starting = True
        writer = asyncio.create_task(self._write())
        self._writers.add(writer)
        writer.add_done_callback(self._writers.discard)

    async def _write(self) -> None:
        self._starting = False
        while self._waiting:
            batch = self._next_batch()
            try:
                await self._store(b"".join([one.line for one in batch]))
            except StorageError as error:
                for one in batch:
                    if not one.stored.done():
                        one.stored.set_exception(StorageError(str(error)))
                continue
            self._release(batch)

    def _release(self, batch: list[_Waiting]) -> None:
        """Let the callers go on. All at once, their next lines would come at one moment again, in one
        batch, and the store would wait for them; so they follow one another while no line waits.
        """
        follows = bool(self._stored)
        self._stored += [one.stored for one in batch]
        if not follows:
            self._release_some()

    def _release_some(self) -> None:
        number = len(self._stored)
        for _ in range(number if self._waiting else math.ceil(number / _TURNS)):
            stored = self._stored.popleft()
            if not stored.done():  # its caller may have left
                stored.set_result(None)
        if self._stored:
            asyncio.get_running_loop().call_soon(self._release_some)

    async def _store(self, lines: bytes) -> None:
        moment = await self._moment()
        number = next(self._numbers)
        name = f"{names.SPOOL}{self._instance}/{moment:020}-{number:06}.jsonl"
        try:
            # A name that is taken is our own, stored by an attempt whose answer was lost.
            await self._container.put_new(name, lines)
        except StorageError as error:
            if not await self._is_there(name, lines):
                raise error from None

    async def _is_there(self, name: str, lines: bytes) -> bool:
        """Return True if the batch was stored, although its answer was lost."""
        try:
            blob = await self._container.get(name)
        except StorageError:
            return False
        return blob is not None and blob.data == lines

    async def _moment(self) -> int:
        """Return the time, but later than all batches there: a clock that goes back, here or since
        the process before, must not make the second answer to a request the first one."""
        if self._newest is None:
            found = [names.batch_moment(name) async for name in self._container.names(names.SPOOL)]
            self._newest = max(found, default=0)
        self._newest = max(self._time_ns(), self._newest + 1)
        return self._newest

    def _next_batch(self) -> list[_Waiting]:
        """Return the lines that fit into one batch, or a line that is larger than a batch on its
        own.
        """
        batch = [self._waiting.popleft()]
        size = len(batch[0].line)
        while self._waiting and len(batch) < MOST_LINES:
            size += len(self._waiting[0].line)
            if size > MOST_BYTES:
                break
            batch.append(self._waiting.popleft())
        return batch
