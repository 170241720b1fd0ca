"""Recorded exchanges as answers, in their recorded time."""

import functools
import uuid
import weakref
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import structs

from simulator.headers import Headers, parted
from simulator.latency import Slowdown
from simulator.messages import RECORDING_HEADER, Answer, Chunk, Request, chunks_of
from simulator.modes.slowing import slowed
from simulator.recordings.exchange import Exchange
from simulator.upstream.passing_headers import absolute_locations, has_locations
from simulator.wire.packed_chunks import packed

_REQUEST_ID = "x-request-id"
_SPACE = uuid.UUID("5f0c5b7e-7f0b-5d1c-9d5e-0a4b1f6f2c11")


class _Played(NamedTuple):
    """The answer of an exchange; `joined` if its pieces are one chunk, `located` if an address in its headers
    depends on the request."""

    exchange: weakref.ref[Exchange]
    answer: Answer
    joined: bool
    located: bool


class Playback:
    """Plays exchanges `speed` times as fast as they were recorded; 0 is at once. The `factor` is of
    all latency.

    What is the same in each answer of an exchange is made once, and held as long as the exchange is.
    """

    def __init__(self, speed: float = 1.0, factor: float = 1.0) -> None:
        self._seconds_per_ms = 0.001 / speed * factor if speed else 0.0
        self._played: dict[int, _Played] = {}

    def answer(
        self,
        exchange: Exchange,
        request: Request,
        slowdown: Slowdown | None = None,
        *,
        together: bool = False,
    ) -> Answer:
        """The bytes that were recorded, each piece due at its moment, unless that is changed. If pieces
        may go `together`, a chunk has all that are due at one moment."""
        played = self._played.get(id(exchange)) or self._remembered(exchange)
        answer = played.answer
        if played.located:
            located = absolute_locations(exchange.headers, request)
            answer = structs.replace(answer, headers=_headers(exchange, located))
        if played.joined and (slowdown is not None or not together):
            answer = structs.replace(answer, chunks=self._chunks(exchange))
        return slowed(answer, slowdown)

    def _remembered(self, exchange: Exchange) -> _Played:
        key = id(exchange)  # equal exchanges have no hash, and are not compared for each request
        reference = weakref.ref(exchange, functools.partial(_forget, self._played, key))
        chunks = self._chunks(exchange)
        moments = {chunk.due for chunk in chunks}
        joined = len(chunks) > 1 and len(moments) == 1
        if joined:
            chunks = (Chunk(exchange.body, moments.pop()),)
        answer = Answer(
            status=exchange.status,
            chunks=chunks,
            content_type=exchange.headers.get("content-type"),
            headers=_headers(exchange, exchange.headers),
            streamed=exchange.streamed,
            usage=exchange.usage,
        )
        played = _Played(reference, packed(answer), joined, has_locations(exchange.headers))
        self._played[key] = played
        return played

    def _chunks(self, exchange: Exchange) -> tuple[Chunk, ...]:
        scale = self._seconds_per_ms
        pieces = tuple(exchange.pieces)
        moments = [t_ms * scale if scale else 0.0 for _, t_ms in pieces]
        return tuple(chunks_of([data for data, _ in pieces], moments))


def _forget(played: dict[int, _Played], key: int, _: weakref.ref[Exchange]) -> None:
    """Let go of what was made of an exchange that nobody holds any more."""
    played.pop(key, None)


def _headers(exchange: Exchange, located: Mapping[str, str]) -> Headers:
    headers = {**located, RECORDING_HEADER: "hit"}
    headers.pop("content-type", None)
    if exchange.status < 300 and _REQUEST_ID not in headers:
        headers[_REQUEST_ID] = _request_id(exchange)
    return parted(headers)


def _request_id(exchange: Exchange) -> str:
    """An id for an answer without one (the real service has one on each): the same at each replay."""
    return str(uuid.uuid5(_SPACE, exchange.key or exchange.request.path))
