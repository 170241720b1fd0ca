"""A tee for streams from the upstream: transcribed as they arrive, passed on as the client reads."""

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Literal, Self

from simulator.errors import UpstreamUnavailable
from simulator.messages import Chunk, LateFacts
from simulator.modes.forwarding import Forwarding
from simulator.recordings.events import EventSplitter
from simulator.recordings.exchange import Piece
from simulator.upstream.client import UpstreamAnswer

Keep = Callable[[tuple[Piece, ...]], Awaitable[None]]
Start = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]
"""Runs work as a task that is referred to until it ends."""

_LAST = re.compile(
    rb"(?m)^(?:data: ?\[DONE\]|event: ?[\w.]+\.(?:completed|done|failed|incomplete))\r?$"
)
_DATA = re.compile(rb"(?m)^data:")
_FINISH = re.compile(
    rb'"finish_reason": ?"|(?m:^event: ?(?:response\.(?:completed|incomplete|failed)|message_stop)\r?$)'
)
_FAILED = re.compile(rb"(?m)^event: ?response\.failed\r?$")
MOST_REST = 4 * 2**20
"""Bytes that are read of a stream after its client has left."""
# Events that are passed on in a row while others wait.
_EVENTS_AT_ONCE = 64
MOST_EVENTS = 500_000
_ERROR = re.compile(rb'(?m)^(?:event: ?error\r?$|data: ?\{"error":)')


class StreamTee:
    """The chunks of a stream for the client, which come at the upstream's pace and go at the
    client's: who reads slowly holds up neither the upstream nor equal requests.

    Each event is passed on as it comes, but an event that may be the last one only when the next
    one has come or the exchange is stored: clients hang up after it. An exchange that is cut off,
    without an event, or in which the upstream reports an error is not stored. `aclose` is for a
    client that has left, whether it has read anything or not: it ends the exchange, unless that has
    arrived whole and is being stored, or the answer itself is complete. Of that the rest is still
    read, for `rest_wait` seconds and within a bound: a client that is done at the `finish_reason` has
    paid for the answer.
    """

    def __init__(
        self,
        exchange: Forwarding,
        upstream: UpstreamAnswer,
        keep: Keep,
        start: Start,
        *,
        rest_wait: float,
        ending: LateFacts,
    ) -> None:
        self._exchange = exchange
        self._upstream = upstream
        self._keep = keep
        self._ending = ending
        self._ready: deque[Chunk] = deque()
        self._more = asyncio.Event()
        self._failure: BaseException | None = None
        self._arrived = self._ended = self._left = False
        self._rest_wait = rest_wait
        self._rest_room = MOST_REST
        self._passed = 0
        self._noted = _Transcript(lambda: exchange.elapsed)
        self._deadline: asyncio.TimerHandle | None = None
        self._reading = start(self._read())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Chunk:
        self._passed += 1
        if self._passed % _EVENTS_AT_ONCE == 0:
            await asyncio.sleep(0)
        while not self._ready:
            if self._failure is not None:
                raise self._failure
            if self._ended:
                raise StopAsyncIteration
            self._more.clear()
            await self._more.wait()
        return self._ready.popleft()

    async def aclose(self) -> None:
        if self._arrived or self._left:
            return
        if not self._noted.complete or self._ended:
            self._give_up()
            return
        self._left = True
        self._ready.clear()
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._rest_wait, self._give_up)

    def _give_up(self) -> None:
        if not self._arrived:
            self._reading.cancel()
            self._exchange.close()

    async def _read(self) -> None:
        try:
            await self._transcribe(self._noted)
        except BaseException as error:  # raised where the client reads
            self._failure = error
            self._ending.fault = "broken" if isinstance(error, Exception) else None
            if not isinstance(error, Exception):
                raise
        finally:
            if self._deadline is not None:
                self._deadline.cancel()
            self._exchange.close()
            self._ended = True
            self._more.set()

    async def _transcribe(self, noted: "_Transcript") -> None:
        async for data in self._upstream.pieces:
            events = noted.events(data)
            for at in range(0, len(events), _EVENTS_AT_ONCE):
                if at:
                    await asyncio.sleep(0)
                self._pass(noted.feed(events[at : at + _EVENTS_AT_ONCE]))
            self._rest_room -= len(data) if self._left else 0
            if self._rest_room < 0:
                return
        self._pass(noted.end())
        self._arrived = True
        self._ending.fault = noted.fault
        whole = noted.substantial and (self._upstream.surely_whole or noted.held)
        if whole and not noted.faulty:
            await self._keep(tuple(noted.pieces))
        self._pass(noted.held)

    def _pass(self, chunks: list[Chunk]) -> None:
        if not self._left:
            self._ready += chunks
        self._more.set()


class _Transcript:
    """The events so far; of them `held` is not passed on yet, because it may be the last one.

    `faulty`: the upstream reports an error in one of them, `failed`: that a response has. `substantial`:
    one has data. `complete`: one says how the answer ended, so that nothing but usage and the like may
    follow.
    """

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._splitter = EventSplitter()
        self.pieces: list[Piece] = []
        self.held: list[Chunk] = []
        self.faulty = self.failed = self.substantial = self.complete = False

    @property
    def fault(self) -> Literal["broken", "error"] | None:
        """Return the fault of an answer of which no more comes."""
        if self.faulty or self.failed:
            return "error"
        return None if self.complete or self.held else "broken"

    def events(self, data: bytes) -> list[bytes]:
        """Return the events that are complete with these bytes."""
        events = self._splitter.feed(data)
        if len(self.pieces) + len(events) > MOST_EVENTS:
            raise UpstreamUnavailable(f"The upstream sent more than {MOST_EVENTS} events.")
        return events

    def feed(self, events: Sequence[bytes]) -> list[Chunk]:
        """Return the chunks to be passed on after these events."""
        passed: list[Chunk] = []
        for event in events:
            passed += self.held
            chunk = self._note(event)
            self.held = [chunk] if _LAST.search(event) else []
            if not self.held:
                passed.append(chunk)
        return passed

    def end(self) -> list[Chunk]:
        """Return the chunks that remain when no more bytes come."""
        rest = self._splitter.rest()
        if not rest:
            return []
        passed, self.held = [*self.held, self._note(rest)], []
        return passed

    def _note(self, event: bytes) -> Chunk:
        due = self._elapsed()
        self.pieces.append(Piece(event, round(due * 1000)))
        self.failed = self.failed or _FAILED.search(event) is not None
        self.faulty = self.faulty or _ERROR.search(event) is not None
        self.substantial = self.substantial or _DATA.search(event) is not None
        self.complete = self.complete or _FINISH.search(event) is not None
        return Chunk(event, due)
