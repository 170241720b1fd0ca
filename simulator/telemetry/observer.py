"""The observation of every answer until it has left."""

import itertools
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import structs

from simulator.concurrency import close
from simulator.journal.entry import Entry
from simulator.journal.journal import Journal
from simulator.messages import Chunk
from simulator.operations.unknown import Unknown
from simulator.pacing import Pushed, Write, pushed
from simulator.telemetry.journal_bodies import BODY_BYTES, JournalBodies
from simulator.telemetry.journal_entries import entry_of
from simulator.telemetry.observation import Completion, Observation
from simulator.telemetry.reports import Reports
from simulator.telemetry.request_log import RequestLog
from simulator.telemetry.sent_tokens import STREAMS_OF_TEXT, pieces_in, sent

if TYPE_CHECKING:  # OpenTelemetry is loaded only where a setting asks for it
    from simulator.telemetry.instruments import Instruments
    from simulator.telemetry.spans import Spans

logger = logging.getLogger(__name__)

Body = bytes | AsyncIterator[bytes]
_UNKNOWN = Unknown.name


class Telemetry:
    """Reports each request to the log, the metrics and the trace, once, when its answer has
    left.

    `clock` never goes back, `now` is the time since 1970, both in seconds.
    """

    def __init__(
        self,
        log: RequestLog,
        clock: Callable[[], float],
        now: Callable[[], float],
        instruments: "Instruments | None" = None,
        *,
        spans: "Spans | None" = None,
        scrape: Callable[[], bytes] | None = None,
        journal: Journal | None = None,
        bodies: JournalBodies | None = None,
    ) -> None:
        self._log = log
        self._clock = clock
        self._now = now
        self._instruments = instruments
        self._spans = spans
        self._journal = journal
        self.bodies = bodies
        """Makes the bodies that the journal keeps; None if it keeps none."""
        self.scrape = scrape
        """All metrics in Prometheus' text format; None if they are not kept for it."""
        self._reports = Reports(self._write)
        if journal is not None:
            journal.before_reading = self._reports.flush

    async def close(self) -> None:
        """Write down what waits for it."""
        self.flush()

    def flush(self) -> None:
        """Write down at once what would be in the next round of the event loop."""
        self._reports.flush()

    @property
    def _idle(self) -> bool:
        return self._journal is None and self._instruments is None and not self._log.enabled

    def observe(self, observation: Observation, body: Body) -> Body:
        """The body, which is to be sent instead of the one given."""
        if not isinstance(body, bytes):
            if self._idle:
                return body
            whole, chunks = pushed(body), observation.answer.chunks
            if whole is not None and isinstance(chunks, tuple):
                return _WatchedPush(self, observation, whole, chunks)
            return _Watched(self, observation, body)
        elapsed = self._clock() - observation.arrived
        first = elapsed if observation.answer.streamed and observation.succeeded else None
        self._report(observation, Completion(elapsed, first, False, body))
        return body

    def recording_failed(self) -> None:
        if self._instruments is not None:
            self._instruments.recording_failed()

    def limiter_failed(self) -> None:
        if self._instruments is not None:
            self._instruments.limiter_failed()

    def shed(self) -> None:
        if self._instruments is not None:
            self._instruments.shed()

    def left(self, observation: Observation) -> None:
        """Report a request whose client did not wait for its answer."""
        self._report(observation, Completion(self.elapsed(observation), None, cut=True))

    def begin(self, observation: Observation) -> float | None:
        """A stream begins. The time to its first token, if that is here already."""
        if self._instruments is not None:
            self._instruments.stream_began()
        return self.elapsed(observation) if isinstance(observation.answer.chunks, tuple) else None

    def elapsed(self, observation: Observation) -> float:
        return self._clock() - observation.arrived

    def end(
        self,
        observation: Observation,
        first_token: float | None,
        *,
        pieces: int | None = None,
        body: bytes = b"",
    ) -> None:
        """Report a stream; `pieces` is how many of an answer left before its client did."""
        cut = pieces is not None
        if (
            pieces is not None
            and observation.usage
            and observation.match.target.name in STREAMS_OF_TEXT
        ):
            observation = structs.replace(observation, sent=sent(observation.usage, pieces))
        if self._instruments is not None:
            self._instruments.stream_ended()
        first = first_token if observation.succeeded else None
        self._report(observation, Completion(self.elapsed(observation), first, cut, body))

    def _report(self, observation: Observation, completion: Completion) -> None:
        """The log and the trace are of what arrives over HTTP: a batch would bury it."""
        if self._instruments is not None:
            self._instruments.record(observation, completion)
        if self._spans is not None and not observation.own:
            self._spans.record(observation, completion)
        self._reports.add((observation, completion))

    def _write(self, reports: Sequence[tuple[Observation, Completion]]) -> None:
        """Write the entries of a round into the journal and its lines into the log; a report that fails
        does not stop the others."""
        journal, log = self._journal, self._log
        entries: list[Entry] = []
        lines: list[str] = []
        logged, began = log.enabled, self._now() - self._clock()
        for observation, completion in reports:
            try:
                entry = entry_of(observation, completion, began + observation.arrived)
                target, request = observation.match.target, observation.request
                if journal is not None and not target.local:
                    if self.bodies is not None:
                        entry.bodies = self.bodies.of(request, completion.body)
                    entries.append(entry)
                if logged and not observation.own:
                    lines.append(log.line(entry, request.path if target.name == _UNKNOWN else ""))
            except Exception:
                logger.exception("a request could not be reported")
        if journal is not None:
            journal.record(*entries)
        log.write(lines)


class _Watched:
    """The pieces of a stream as they leave.

    A client may leave before the first piece is taken, and servers drop a body without closing it:
    then the end is when nobody holds it any more.
    """

    def __init__(
        self, telemetry: Telemetry, observation: Observation, pieces: AsyncIterator[bytes]
    ) -> None:
        self._telemetry = telemetry
        self._observation = observation
        self._pieces = pieces
        self._first_token = telemetry.begin(observation)
        self._ended = False
        self._body = bytearray()
        self._pieces_left = 0

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            self._end(cut=False)
            raise
        except BaseException:
            self._end(cut=True)
            raise
        self._note(piece)
        return piece

    async def aclose(self) -> None:
        self._end(cut=True)
        await close(self._pieces)

    def __del__(self) -> None:
        self._end(cut=True)

    def _note(self, piece: bytes) -> None:
        """Take note of a piece that leaves."""
        self._pieces_left += pieces_in(piece)
        if self._first_token is None:
            self._first_token = self._telemetry.elapsed(self._observation)
        if self._telemetry.bodies and len(self._body) < BODY_BYTES:
            self._body += piece

    def _end(self, *, cut: bool) -> None:
        if not self._ended:
            self._ended = True
            pieces = self._sent() if cut else None
            body = self._beginning() if self._telemetry.bodies else b""
            self._telemetry.end(self._observation, self._first_token, pieces=pieces, body=body)

    def _sent(self) -> int:
        """The number of an answer's pieces that have left."""
        return self._pieces_left

    def _beginning(self) -> bytes:
        """Return the part of what has left that the journal keeps."""
        return bytes(self._body)


class _WatchedPush(_Watched):
    """The pieces of an answer that is here whole: what has left of it is looked at when it has ended, and
    not piece by piece."""

    def __init__(
        self,
        telemetry: Telemetry,
        observation: Observation,
        body: Pushed,
        chunks: tuple[Chunk, ...],
    ) -> None:
        super().__init__(telemetry, observation, body)
        self._whole = body
        self._chunks = chunks

    @property
    def left(self) -> int:
        return self._whole.left

    async def push(self, write: Write) -> bool:
        try:
            whole = await self._whole.push(write)
        except BaseException:
            self._end(cut=True)
            raise
        if whole:
            self._end(cut=False)
        return whole

    def _note(self, piece: bytes) -> None:
        del piece

    def _sent(self) -> int:
        return sum([pieces_in(chunk.data) for chunk in self._gone()])

    def _beginning(self) -> bytes:
        body = bytearray()
        for chunk in self._gone():
            if len(body) >= BODY_BYTES:
                break
            body += chunk.data
        return bytes(body)

    def _gone(self) -> Iterator[Chunk]:
        return itertools.islice(self._chunks, self.left)
