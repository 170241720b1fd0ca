"""Recorded exchanges as answers, in their recorded time."""

import uuid
from collections.abc import Callable
from operator import itemgetter

from simulator.latency import Slowdown
from simulator.messages import RECORDING_HEADER, Answer, Request, chunks_of
from simulator.modes.slowing import slowed
from simulator.recordings.exchange import Exchange, Piece
from simulator.upstream.passing_headers import absolute_locations

_REQUEST_ID = "x-request-id"
_DATA: Callable[[Piece], bytes] = itemgetter(0)
_SPACE = uuid.UUID("5f0c5b7e-7f0b-5d1c-9d5e-0a4b1f6f2c11")


class Playback:
    """Plays exchanges `speed` times as fast as they were recorded; 0 is at once. The `factor` is of
    all latency.
    """

    def __init__(self, speed: float = 1.0, factor: float = 1.0) -> None:
        self._seconds_per_ms = 0.001 / speed * factor if speed else 0.0

    def answer(
        self, exchange: Exchange, request: Request, slowdown: Slowdown | None = None
    ) -> Answer:
        """The bytes that were recorded, each piece due at its moment, unless that is changed."""
        headers = absolute_locations(exchange.headers, request)
        content_type = headers.pop("content-type", None)
        if exchange.status < 300 and _REQUEST_ID not in headers:
            headers[_REQUEST_ID] = _request_id(exchange)
        answer = Answer(
            status=exchange.status,
            chunks=tuple(chunks_of(map(_DATA, exchange.pieces), self._moments(exchange))),
            content_type=content_type,
            headers={**headers, RECORDING_HEADER: "hit"},
            streamed=exchange.streamed,
            usage=exchange.usage,
        )
        return slowed(answer, slowdown)

    def _moments(self, exchange: Exchange) -> list[float]:
        scale = self._seconds_per_ms
        if not scale:
            return [0.0] * len(exchange.pieces)
        return [t_ms * scale for _, t_ms in exchange.pieces]


def _request_id(exchange: Exchange) -> str:
    """An id for an answer without one (the real service has one on each): the same at each replay."""
    return str(uuid.uuid5(_SPACE, exchange.key or exchange.request.path))
