"""A document in a file or a blob, which somebody may change while it is in force."""

import asyncio
import codecs
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from simulator.storage.container import Container, Unchanged
from simulator.storage.refresh import Refresher, RefreshPolicy
from simulator.storage.watched import WatchedBlob

logger = logging.getLogger(__name__)

_MOST_BYTES = 16 * 2**20
"""Bytes of a file that are read; its reader refuses less than these."""
FILE_PERIOD = 0.5
"""Seconds between two checks of a file."""
CLOSE = RefreshPolicy(background=0.5, at_most=1.0)
"""A change that comes into force within a second, also if it is in a blob."""

T = TypeVar("T")
News = TypeVar("News", covariant=True)
Read = Callable[[bytes], T]
"""Makes a document of its bytes; raises `UnusableDocument`."""


class UnusableDocument(Exception):
    """A document that cannot be used; the text says where it is wrong, on one line."""


class Followed(Protocol[News]):
    """A document that is followed; a `local` one is checked without waiting for a store."""

    local: bool

    async def news(self) -> News | None:
        """Return the document if there is a new one that can be used. May raise `StorageError`."""
        ...


class _Refused:
    """Logs why a new document is refused, each reason once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._why = ""

    def log(self, why: str) -> None:
        if why and why != self._why:
            logger.error("%s is refused, what was in force stays in force: %s", self._name, why)
        self._why = why


class _Reading(Generic[T]):
    """The reading of one document, on a thread. It goes on when who asked for it has left; then the next
    one gets the document.
    """

    def __init__(self, refused: _Refused) -> None:
        self._refused = refused
        self._task: asyncio.Task[T] | None = None

    @property
    def begun(self) -> bool:
        return self._task is not None

    def begin(self, work: Callable[[], T]) -> None:
        self._task = asyncio.create_task(asyncio.to_thread(work))

    async def result(self) -> T | None:
        """Return the document, to one caller; None if it cannot be used, which is logged."""
        task = self._task
        if task is None:
            return None
        await asyncio.wait({task})
        if self._task is not task:
            return None
        self._task = None
        try:
            document = task.result()
        except OSError as error:
            self._refused.log(error.strerror or str(error))
            return None
        except UnusableDocument as error:
            self._refused.log(str(error))
            return None
        self._refused.log("")
        return document


class FollowedFile(Generic[T]):
    """A file; a new one is recognised by its time, size and number."""

    local = True

    def __init__(self, path: Path, read: Read[T]) -> None:
        self._path = path
        self._read = read
        self._refused = _Refused(str(path))
        self._reading: _Reading[T] = _Reading(self._refused)
        self._stamp: tuple[int, ...] | None = None

    def first(self) -> T:
        """Return the document at the start. Raises `UnusableDocument`."""
        try:
            self._stamp = self._stamp_now()
            return self._document()
        except OSError as error:
            raise UnusableDocument(error.strerror or str(error)) from None

    async def news(self) -> T | None:
        if not self._reading.begun:
            try:
                stamp = self._stamp_now()
            except OSError as error:
                self._refused.log(error.strerror or str(error))
                return None
            if stamp == self._stamp:
                return None
            self._stamp = stamp
            self._reading.begin(self._document)
        return await self._reading.result()

    def _document(self) -> T:
        """Return what the file says; a pipe or a device is not read, as it may have no end. Raises `OSError`
        or `UnusableDocument`."""
        if not self._path.is_file():
            raise UnusableDocument(
                "it is no file" if self._path.exists() else "there is no such file"
            )
        with self._path.open("rb") as file:
            return self._read(_unmarked(file.read(_MOST_BYTES)))

    def _stamp_now(self) -> tuple[int, ...]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino


class FollowedBlob(Generic[T]):
    """A blob of the container."""

    local = False

    def __init__(self, container: Container, name: str, read: Read[T]) -> None:
        self._watched = WatchedBlob(container, name)
        self._read = read
        self._refused = _Refused(name)
        self._reading: _Reading[T] = _Reading(self._refused)

    async def news(self) -> T | None:
        if not self._reading.begun:
            blob = await self._watched.news()
            if isinstance(blob, Unchanged):
                return None
            if blob is None:
                self._refused.log("there is no such blob")
                return None
            self._watched.accept(blob)
            data = _unmarked(blob.data)
            self._reading.begin(lambda: self._read(data))
        return await self._reading.result()


def _unmarked(data: bytes) -> bytes:
    """The document without the mark with which editors on Windows begin a file."""
    return data.removeprefix(codecs.BOM_UTF8)


class Newest(Generic[T]):
    """The newest usable version of a followed document, which is looked for only when requests come.

    `document` is None until a blob has been read for the first time.
    """

    def __init__(
        self,
        followed: Followed[T],
        first: T | None,
        clock: Callable[[], float],
        *,
        subject: str,
    ) -> None:
        self.document = first
        self._followed = followed
        self._clock = clock
        self._refresher = Refresher(self._refresh_document, clock, CLOSE, subject=subject)
        self._file_due = clock() if followed.local else math.inf
        if followed.local:
            self._refresher.due = math.inf

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return min(self._refresher.due, self._file_due)

    async def fresh(self) -> None:
        """Lets no change stay unknown for long; whatever goes wrong, what is known stays in force."""
        if self._followed.local:
            self._file_due = self._clock() + FILE_PERIOD
            await self._refresh_document()
        else:
            await self._refresher.fresh()

    async def _refresh_document(self) -> None:
        news = await self._followed.news()
        if news is not None:
            self.document = news
