"""The mode that answers from the upstream, and records what it says."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import msgspec

from simulator.concurrency import SingleFlight, off_loop
from simulator.messages import RECORDING_HEADER, Answer, LateFacts, Request, Usage, is_event_stream
from simulator.modes.forwarding import Forwarding
from simulator.modes.playback import Playback
from simulator.modes.slowing import slowed
from simulator.modes.stream_tee import StreamTee
from simulator.operations.base import Call, P
from simulator.operations.unknown import Unknown
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.library import Library, RecordingKey
from simulator.recordings.recorded_errors import RecordedErrors
from simulator.recordings.usage import usage_of
from simulator.storage.container import StorageError
from simulator.upstream.client import UpstreamAnswer
from simulator.upstream.forward import Received
from simulator.upstream.passing_headers import absolute_locations, relative_locations
from simulator.upstream.router import Router

logger = logging.getLogger(__name__)

_Keeps = Callable[[Received], bool]


EQUAL_REQUEST_WAIT = 60.0
"""Seconds that a request waits for an equal one that is being recorded."""
REST_WAIT = 100.0
"""Seconds that the rest of a stream is read whose client was done at its `finish_reason`."""
NO_ERRORS = RecordedErrors()


class Record:
    """Plays what is recorded already; forwards the rest, and records it.

    A response ends only when it is stored, so that what a killed process loses was never answered
    whole. If it cannot be stored, the client gets it nevertheless, marked `x-recording: failed`, and
    `count_failure` is called.
    """

    strict = False

    def __init__(
        self,
        library: Library,
        forwarding: Router,
        playback: Playback,
        *,
        clock: Callable[[], float],
        now: Callable[[], datetime],
        count_failure: Callable[[], None],
        equal_request_wait: float = EQUAL_REQUEST_WAIT,
        rest_wait: float = REST_WAIT,
        errors: RecordedErrors = NO_ERRORS,
    ) -> None:
        self._library = library
        self._forwarding = forwarding
        self._playback = playback
        self._clock = clock
        self._now = now
        self._count_failure = count_failure
        self._equal_request_wait = equal_request_wait
        self._rest_wait = rest_wait
        self._errors = errors
        self._under_way: SingleFlight[bool] = SingleFlight()
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, call: Call[P]) -> Answer:
        request = call.request
        place = await self._library.place(request)
        unreachable = False
        try:
            found = await self._find(request, place)
        except StorageError as error:
            logger.warning("whether %s is recorded is unknown: %s", place.name, error)
            found, unreachable = None, True
        if found is not None:
            together = not call.changes_events
            return self._playback.answer(found, request, call.slowdown, together=together)
        exchange = Forwarding(
            request,
            place,
            clock=self._clock,
            land=self._under_way.begin(place.name),
            store_unreachable=unreachable,
        )
        async with exchange:
            forward = await self._forwarding.onward(
                request, known=not isinstance(call.operation, Unknown)
            )
            upstream = await exchange.send(self._forwarding, forward)
            if is_event_stream(upstream.headers.get("content-type")) and upstream.status < 300:
                live = self._stream(exchange.hand_over(), upstream, forward.keeps)
                return slowed(live, call.slowdown)
            answer = await self._plain(exchange, upstream, forward.keeps)
            return slowed(answer, call.slowdown, taken=exchange.elapsed)

    async def _find(self, request: Request, place: RecordingKey) -> Exchange | None:
        found = await self._library.find(request, place)
        if found is None and await self._under_way.landed(place.name, self._equal_request_wait):
            found = await self._library.find(request, place)
        # It may have been stored by this process since the store was asked.
        return found or self._library.store.remembered(place.name)

    async def _plain(self, exchange: Forwarding, upstream: UpstreamAnswer, keeps: _Keeps) -> Answer:
        body = b"".join([piece async for piece in upstream.pieces])
        ending = LateFacts()
        received = Received(upstream.status, upstream.headers, body)
        whole = (Piece(body, round(exchange.elapsed * 1000)),)
        usage = await off_loop(len(body), lambda: usage_of(whole, streamed=False))
        if self._is_recorded(received, keeps) and _is_whole(upstream, body):
            recorded = self._exchange(exchange, upstream, whole, usage, streamed=False)
            # Whoever leaves now has paid for it.
            keeping = self._keep_and_close(exchange.hand_over(), recorded, ending)
            await asyncio.shield(self._start(keeping))
        return Answer.plain(
            body,
            status=upstream.status,
            content_type=upstream.headers.get("content-type"),
            headers=self._headers(exchange, upstream, ending.recording),
            usage=usage,
        )

    def _is_recorded(self, received: Received, keeps: _Keeps) -> bool:
        """Return whether the choice of the forwarder, or of the setting for errors, is to record it."""
        if received.status < 300:
            return keeps(received)
        return self._errors.takes(received.status, received.body)

    async def _keep_and_close(
        self, exchange: Forwarding, recorded: Exchange, ending: LateFacts
    ) -> None:
        try:
            await self._keep(exchange, recorded, ending)
        finally:
            exchange.close()

    def _stream(self, exchange: Forwarding, upstream: UpstreamAnswer, keeps: _Keeps) -> Answer:
        ending = LateFacts()

        async def keep(pieces: tuple[Piece, ...]) -> None:
            size = sum(len(piece.data) for piece in pieces)
            usage = ending.usage = await off_loop(size, lambda: usage_of(pieces, streamed=True))
            recorded = self._exchange(exchange, upstream, pieces, usage, streamed=True)
            received = Received(upstream.status, upstream.headers, recorded.body)
            if keeps(received):
                await self._keep(exchange, recorded, ending)

        return Answer(
            status=upstream.status,
            chunks=StreamTee(
                exchange, upstream, keep, self._start, rest_wait=self._rest_wait, ending=ending
            ),
            content_type=upstream.headers.get("content-type"),
            headers=self._headers(
                exchange, upstream, "failed" if exchange.store_unreachable else None
            ),
            streamed=True,
            ending=ending,
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _exchange(
        self,
        exchange: Forwarding,
        upstream: UpstreamAnswer,
        pieces: tuple[Piece, ...],
        usage: Usage | None,
        *,
        streamed: bool,
    ) -> Exchange:
        located = relative_locations(upstream.headers, upstream.endpoint)
        moment = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
        return Exchange(
            request=exchange.request,
            status=upstream.status,
            headers=located,
            pieces=pieces,
            duration_ms=round(exchange.elapsed * 1000),
            streamed=streamed,
            usage=usage,
            key=exchange.place.key,
            recorded_at=moment.replace("+00:00", "Z"),
        )

    async def _keep(self, exchange: Forwarding, recorded: Exchange, ending: LateFacts) -> None:
        name = exchange.place.name
        try:
            await self._library.store.keep(name, await self._library.redacted(recorded))
        except StorageError as error:
            logger.error("%s could not be stored: %s", name, error)
            self._count_failure()
            ending.recording = "failed"
        else:
            exchange.stored()
            ending.recording = "stored"

    def _headers(
        self, exchange: Forwarding, upstream: UpstreamAnswer, mark: str | None
    ) -> dict[str, str]:
        located = relative_locations(upstream.headers, upstream.endpoint)
        headers = absolute_locations(located, exchange.request)
        headers.pop("content-type", None)
        return headers if mark is None else {**headers, RECORDING_HEADER: mark}


def _is_whole(upstream: UpstreamAnswer, body: bytes) -> bool:
    """Return False for JSON that is empty, and for JSON that was cut off where nothing else shows that."""
    said = "json" in upstream.headers.get("content-type", "").lower()
    if said and not body and upstream.status == 200:
        return False
    if upstream.surely_whole or not (said or body.lstrip()[:1] in (b"{", b"[")):
        return True
    try:
        msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return False
    return True
