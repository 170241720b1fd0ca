"""Siblings: the processes that serve on one port of one machine, each with a socket in one folder, by
which they ask each other.
"""

import asyncio
import contextlib
import logging
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

from simulator.outages import OutageLog

logger = logging.getLogger(__name__)

SECONDS = 5.0
"""A sibling that has not answered by then is left out."""
LONGEST_QUESTION = 2**20
LONGEST_ANSWER = 2**27
"""Bytes; a sibling with a longer one is left out."""
_SUFFIX = ".sock"
_LENGTH = struct.Struct("!Q")

Answerer = Callable[[bytes], Awaitable[bytes]]


class _Unusable(Exception):
    """Something else than what a sibling sends."""


_FAILURES = (OSError, TimeoutError, EOFError, _Unusable)


class Siblings:
    """Asks the others, and answers them by `answer`; there are none until `serving`."""

    def __init__(self, answer: Answerer) -> None:
        self._answer = answer
        self._own: Path | None = None
        self._outage = OutageLog(logger, "each worker")

    @property
    def present(self) -> bool:
        """There may be others."""
        return self._own is not None

    @contextlib.asynccontextmanager
    async def serving(self, folder: Path, name: str) -> AsyncGenerator[None]:
        """Take part as `name`, which no other sibling has; a folder is for one family, of one user.
        Without a socket there, which may be too long a name, this process stays alone."""
        path = folder / f"{name}{_SUFFIX}"
        _remove(path)  # that of a process that was killed
        try:
            server = await asyncio.start_unix_server(self._served, path)
        except OSError as error:
            logger.warning("worker %s knows nothing of the others: %s", name, error)
            yield
            return
        self._own = path
        try:
            yield
        finally:
            self._own = None
            server.close()
            _remove(path)

    async def ask(self, question: bytes) -> list[bytes]:
        """Return the answers of those that give one in time."""
        others = _others(self._own) if self._own else []
        answers = await asyncio.gather(*(self._asked(path, question) for path in others))
        found = [answer for answer in answers if answer is not None]
        if len(found) == len(others):
            self._outage.ends()
        return found

    async def _asked(self, path: Path, question: bytes) -> bytes | None:
        try:
            async with asyncio.timeout(SECONDS), _connected(path) as (reader, writer):
                await _send(writer, question)
                return await _received(reader, LONGEST_ANSWER)
        except _FAILURES as error:
            self._outage.begins("worker %s does not answer: %r", path.stem, error)
            return None

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                question = await _received(reader, LONGEST_QUESTION)
                await _send(writer, await self._answer(question))
        except _FAILURES as error:
            logger.debug("a sibling has left: %r", error)
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def _connected(
    path: Path,
) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_unix_connection(path)
    try:
        yield reader, writer
    finally:
        writer.close()


async def _send(writer: asyncio.StreamWriter, message: bytes) -> None:
    writer.writelines((_LENGTH.pack(len(message)), message))
    await writer.drain()


async def _received(reader: asyncio.StreamReader, longest: int) -> bytes:
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > longest:
        raise _Unusable(f"{length} bytes")
    return await reader.readexactly(length)


def _others(own: Path) -> list[Path]:
    return sorted(path for path in own.parent.glob(f"*{_SUFFIX}") if path != own)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
