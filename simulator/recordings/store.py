"""The recordings in a container, by name: read through memory, stored so that none is lost."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from msgspec import structs

from simulator.concurrency import SingleFlight, off_loop
from simulator.errors import RecordingBroken
from simulator.recordings import document, names
from simulator.recordings.bodies import is_text
from simulator.recordings.cache import Entry, RecordingCache
from simulator.recordings.exchange import Exchange, Pieces
from simulator.recordings.route_names import RouteNames
from simulator.storage.container import UNCHANGED, Blob, Container, StorageError

logger = logging.getLogger(__name__)

# Seconds: how long an edit by hand, and a new recording of another instance, may stay unseen.
FRESH, MISSED = 30.0, 2.0
# Seconds that a request whose recording is in memory waits for its refresh.
REFRESH = 0.25
# Bytes of documents in memory; bytes of a binary body from which it is kept in a file of its own.
CAPACITY, LARGE = 64 * 1024 * 1024, 64 * 1024


class Spooling(Protocol):
    """A spool, where lines wait for promotion; `add` returns when the line is stored."""

    async def add(self, line: bytes) -> None: ...


class RecordingStore:
    """Finds and keeps exchanges. With a `spool` they wait there for promotion to their own names."""

    def __init__(
        self,
        container: Container,
        clock: Callable[[], float],
        *,
        spool: Spooling | None = None,
    ) -> None:
        self.container = container
        self._clock = clock
        self._spool = spool
        self._cache = RecordingCache(CAPACITY)
        self._routes = RouteNames(container, clock, MISSED)
        self._reads: SingleFlight[Exchange | None] = SingleFlight()
        self._legacy: tuple[float, bool] | None = None

    async def find(self, name: str) -> Exchange | None:
        """The recording of this name.

        Raises `RecordingBroken` if it cannot be understood and `StorageError` if it cannot be read.
        """
        now = self._clock()
        entry = self._cache.get(name)
        if entry is not None and now - entry.checked_at < FRESH:
            return entry.exchange
        missed_at = self._cache.missed_at(name)
        if missed_at is not None and now - missed_at < MISSED:
            return None
        if entry is None and await self._routes.lacks(name):
            return self.remembered(name)
        reading = asyncio.ensure_future(self._reads.share(name, lambda: self._read(name, entry)))
        if entry is not None:
            # The store is given a moment to say that the recording was edited, and no more.
            await asyncio.wait({reading}, timeout=REFRESH)
            if not reading.done():
                reading.cancel()  # the refresh itself goes on, it is shared
                return entry.exchange
        return await reading

    def remembered(self, name: str) -> Exchange | None:
        """The recording, if it is in memory: no older than this process's last refresh of it."""
        entry = self._cache.get(name)
        return entry.exchange if entry is not None else None

    async def keep(self, name: str, exchange: Exchange) -> bool:
        """Stores the exchange, unless there is one of this name: the first one wins.

        Once it returns, the recording outlives the process; False means that there was one already.
        `StorageError` if it could not be stored.
        """
        size = len(exchange.request.body) + len(exchange.body)
        written = await self._document_of(name, exchange, size)
        if self._spool is not None:
            text = await off_loop(size, lambda: document.line(name, written))
            await self._spool.add(text)
            self._remember(name, exchange, len(text))
            return True
        text = await off_loop(size, lambda: document.pretty(written))
        if not await self.container.put_new(name, text):
            self._cache.drop(name)
            # It may be there and unreadable (archived, or of another owner), which is not stored.
            if await self.container.get(name) is None:
                raise StorageError(f"{name} is taken, but cannot be read")
            return False
        self._remember(name, exchange, len(text))
        return True

    async def _document_of(self, name: str, exchange: Exchange, size: int) -> document.Document:
        """The document of an exchange, whose large bodies are put beside it first."""
        request_file = await self._put_aside(name, ".request", exchange.request.body)
        response_file = (
            None if exchange.streamed else await self._put_aside(name, "", exchange.body)
        )
        return await off_loop(
            size,
            lambda: document.document_of(
                exchange, request_file=request_file, response_file=response_file
            ),
        )

    def _remember(self, name: str, exchange: Exchange, size: int) -> None:
        self._routes.kept(name)
        if exchange.streamed:
            exchange = structs.replace(exchange, pieces=Pieces(exchange.pieces))
        self._cache.keep(name, Entry(exchange, "", size, self._clock()))

    async def has_legacy(self) -> bool:
        """True if there are imported exchanges whose request bodies are unknown."""
        now = self._clock()
        if self._legacy is None or now - self._legacy[0] >= FRESH:
            found = False
            async for _ in self.container.names(names.LEGACY):
                found = True
                break
            self._legacy = (now, found)
        return self._legacy[1]

    def forget_misses(self) -> None:
        """Forget which names were missing, after a promotion or an import."""
        self._cache.forget_misses()
        self._routes.forget()
        self._legacy = None

    async def _read(self, name: str, entry: Entry | None) -> Exchange | None:
        now = self._clock()
        try:
            if entry is not None and entry.etag:
                blob = await self.container.get_if_changed(name, entry.etag)
            else:
                blob = await self.container.get(name)
        except StorageError as error:
            if entry is None:
                raise
            logger.warning("%s is served from memory, the store is unreachable: %s", name, error)
            self._cache.touch(name, entry, now)
            return entry.exchange
        if blob is UNCHANGED and entry is not None:
            self._cache.touch(name, entry, now)
            return entry.exchange
        if not isinstance(blob, Blob):
            if self._cache.get(name) is entry:  # nothing was kept while the store was asked
                self._cache.miss(name, now)
                self._routes.missed(name)
            return self.remembered(name)
        return await self._decoded(name, blob, now)

    async def _decoded(self, name: str, blob: Blob, now: float) -> Exchange:
        try:
            written = document.parse(blob.data)
            file = written.response.body.file
            attached = await self._attached(name, file) if file is not None else None
            exchange = document.exchange_of(written, attached)
        except ValueError as error:
            self._cache.drop(name)
            logger.error("the recording %s is broken: %s", name, error)
            raise RecordingBroken(name, str(error)) from error
        # A file beside it may be edited too, and its ETag is not in the document: it is read again whole.
        etag = "" if file is not None else blob.etag
        size = len(blob.data) + len(attached or b"")
        self._cache.keep(name, Entry(exchange, etag, size, now))
        return exchange

    async def _attached(self, name: str, file: str) -> bytes | None:
        folder, _, _ = name.rpartition("/")
        blob = await self.container.get(f"{folder}/{file}")
        return blob.data if blob is not None else None

    async def _put_aside(self, name: str, part: str, body: bytes) -> str | None:
        """Stores a large binary body beside its recording, before the recording names it."""
        if len(body) < LARGE or is_text(body):
            return None
        file = names.beside(name, f"{part}.bin")
        if not await self.container.put_new(file, body):
            # The file may belong to an exchange that was recorded first, with another answer.
            there = await self.container.get(file)
            if there is None or there.data != body:
                file = names.beside(name, f"{part}.{names.digest(body)}.bin")
                await self.container.put_new(file, body)
        return file.rpartition("/")[2]
