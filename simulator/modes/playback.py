"""Recorded exchanges as answers, in their recorded time."""

from simulator.messages import RECORDING_HEADER, Answer, Chunk, Request
from simulator.recordings.exchange import Exchange
from simulator.upstream.passing_headers import absolute_locations


class Playback:
    """Plays exchanges `speed` times as fast as they were recorded; 0 is at once."""

    def __init__(self, speed: float = 1.0) -> None:
        self._seconds_per_ms = 0.001 / speed if speed else 0.0

    def answer(self, exchange: Exchange, request: Request) -> Answer:
        """The bytes that were recorded, each piece due at its moment."""
        headers = absolute_locations(exchange.headers, request.headers)
        content_type = headers.pop("content-type", None)
        scale = self._seconds_per_ms
        return Answer(
            status=exchange.status,
            chunks=tuple([Chunk(data, t_ms * scale) for data, t_ms in exchange.pieces]),
            content_type=content_type,
            headers={**headers, RECORDING_HEADER: "hit"},
            streamed=exchange.streamed,
            usage=exchange.usage,
        )
