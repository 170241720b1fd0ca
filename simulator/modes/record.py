"""The mode that answers from the upstream, and records what it says."""

import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from simulator.messages import RECORDING_HEADER, Answer, LateFacts, Request, is_event_stream
from simulator.modes.in_flight import InFlight, Land
from simulator.modes.playback import Playback
from simulator.modes.stream_tee import tee_stream
from simulator.operations.base import Call
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.library import Library, RecordingKey
from simulator.recordings.redaction import redacted_headers, redacted_request
from simulator.recordings.usage import usage_of
from simulator.storage.container import StorageError
from simulator.upstream.client import UpstreamAnswer
from simulator.upstream.forward import Received
from simulator.upstream.passing_headers import absolute_locations, relative_locations
from simulator.upstream.router import Router

logger = logging.getLogger(__name__)

P = TypeVar("P")

_Keeps = Callable[[Received], bool]


@dataclass(frozen=True, slots=True)
class _Take:
    """One exchange that is being recorded; it began at `began` of the clock."""

    request: Request
    place: RecordingKey
    began: float
    land: Land
    away: bool
    """Whether the store was found to be away."""


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
    ) -> None:
        self._library = library
        self._forwarding = forwarding
        self._playback = playback
        self._clock = clock
        self._now = now
        self._count_failure = count_failure
        self._under_way = InFlight()

    async def answer(self, call: Call[P]) -> Answer:
        began, request = self._clock(), call.request
        place = await self._library.place(request)
        away = False
        try:
            found = await self._find(request, place)
        except StorageError as error:
            logger.warning("whether %s is recorded is unknown: %s", place.name, error)
            found, away = None, True
        if found is not None:
            return self._playback.answer(found, request)
        land = self._under_way.start(place.name)
        return await self._forward(_Take(request, place, began, land, away))

    async def _find(self, request: Request, place: RecordingKey) -> Exchange | None:
        found = await self._library.find(request, place)
        if found is None and await self._under_way.landed(place.name):
            found = await self._library.find(request, place)
        # It may have been stored by this process since the store was asked.
        return found or self._library.store.remembered(place.name)

    async def _forward(self, take: _Take) -> Answer:
        passed_on = False
        try:
            forward = await self._forwarding.onward(take.request)
            upstream = await self._forwarding.send(forward)
            try:
                answer = await self._answer(take, upstream, forward.keeps)
                passed_on = not isinstance(answer.chunks, tuple)
            finally:
                if not passed_on:
                    upstream.close()
        finally:
            if not passed_on:
                take.land(False)
        return answer

    async def _answer(self, take: _Take, upstream: UpstreamAnswer, keeps: _Keeps) -> Answer:
        content_type = upstream.headers.get("content-type")
        streamed = is_event_stream(content_type)
        if upstream.status >= 300:
            body, mark = await _whole(upstream), None
        elif streamed:
            return self._stream(take, upstream, keeps)
        else:
            body = await _whole(upstream)
            mark = None
            received = Received(upstream.status, upstream.headers, body)
            if _is_whole(upstream, body) and keeps(received):
                piece = Piece(body, round(self._elapsed(take) * 1000))
                exchange = self._exchange(take, upstream, (piece,), streamed=False)
                mark = "stored" if await self._keep(take, exchange) else "failed"
        return Answer.plain(
            body,
            status=upstream.status,
            content_type=content_type,
            headers=self._headers(take, upstream, mark),
            usage=usage_of((Piece(body, 0),), streamed=False),
        )

    def _stream(self, take: _Take, upstream: UpstreamAnswer, keeps: _Keeps) -> Answer:
        ending = LateFacts()

        async def keep(pieces: tuple[Piece, ...]) -> bool:
            exchange = self._exchange(take, upstream, pieces, streamed=True)
            body = b"".join([piece.data for piece in pieces])
            if not keeps(Received(upstream.status, upstream.headers, body)):
                ending.usage = exchange.usage
                return False
            stored = await self._keep(take, exchange)
            ending.usage, ending.recording = exchange.usage, "stored" if stored else "failed"
            return stored

        chunks = tee_stream(upstream, lambda: self._elapsed(take), keep, take.land)
        # A client may leave before the first event is asked for: then nothing in `live` is ever run.
        weakref.finalize(chunks, _abandon, upstream, take.land).atexit = False
        return Answer(
            status=upstream.status,
            chunks=chunks,
            content_type=upstream.headers.get("content-type"),
            headers=self._headers(take, upstream, "failed" if take.away else None),
            streamed=True,
            ending=ending,
        )

    def _exchange(
        self, take: _Take, upstream: UpstreamAnswer, pieces: tuple[Piece, ...], *, streamed: bool
    ) -> Exchange:
        located = relative_locations(upstream.headers, upstream.endpoint)
        moment = self._now().astimezone(UTC).isoformat(timespec="milliseconds")
        return Exchange(
            request=redacted_request(take.request),
            status=upstream.status,
            headers=redacted_headers(located),
            pieces=pieces,
            duration_ms=round(self._elapsed(take) * 1000),
            streamed=streamed,
            usage=usage_of(pieces, streamed=streamed),
            key=take.place.key,
            recorded_at=moment.replace("+00:00", "Z"),
        )

    async def _keep(self, take: _Take, exchange: Exchange) -> bool:
        try:
            await self._library.store.keep(take.place.name, exchange)
        except StorageError as error:
            logger.error("%s could not be stored: %s", take.place.name, error)
            self._count_failure()
            return False
        take.land(True)
        return True

    def _headers(self, take: _Take, upstream: UpstreamAnswer, mark: str | None) -> dict[str, str]:
        located = relative_locations(upstream.headers, upstream.endpoint)
        headers = absolute_locations(located, take.request.headers)
        headers.pop("content-type", None)
        return headers if mark is None else {**headers, RECORDING_HEADER: mark}

    def _elapsed(self, take: _Take) -> float:
        return self._clock() - take.began


async def _whole(upstream: UpstreamAnswer) -> bytes:
    return b"".join([piece async for piece in upstream.pieces])


def _is_whole(upstream: UpstreamAnswer, body: bytes) -> bool:
    """Return False for JSON that was cut off, where only the connection's end says that it ends."""
    kind = upstream.headers.get("content-type", "").lower()
    if upstream.framed or not kind.startswith("application/json"):
        return True
    try:
        msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return False
    return True


def _abandon(upstream: UpstreamAnswer, land: Land) -> None:
    upstream.close()
    land(False)
