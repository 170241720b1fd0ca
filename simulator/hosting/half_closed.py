"""Clients that have closed the sending side of their connection, and read on: they get their answers.

Those who have left have closed both sides, which looks alike until something is sent to them.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from simulator.hosting.upgrade_offers import UpgradeDecliningProtocol

# RFC 9110, 15.2: a client passes over an interim answer, also one that it did not expect.
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
# RFC 9112, 7.1: the size of the next chunk of a stream may begin with zeros.
_ZERO = b"0"
_PROBES = 2
"""A socket that is closed answers the first one with a reset, in which the next one ends."""
_PAUSE = 0.125
"""Seconds before each probe: most answers are there sooner."""


class HalfClosedProtocol(UpgradeDecliningProtocol):
    """uvicorn's protocol, which answers what was requested before the client's end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # uvicorn's own
        super().__init__(*args, **kwargs)
        self._ended = False
        """True once the client sends nothing any more."""

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's returns None, as if always False
        """Return whether the connection stays. One over TLS does not, as asyncio and uvloop have it."""
        self._ended = True
        cycle = self.cycle
        if self.transport.is_closing() or not self.transport.can_write_eof():
            return False
        if self.pipeline:
            return True
        if not cycle or cycle.response_complete:
            return False
        self._probe_later(cycle, _PROBES)
        return True

    def _probe_later(self, cycle: RequestResponseCycle, count: int) -> None:
        if count:
            self.loop.call_later(_PAUSE, self._probe, cycle, count)

    def _probe(self, cycle: RequestResponseCycle, count: int) -> None:
        if cycle.response_complete or self.transport.is_closing():
            return
        if cycle.scope["http_version"] != "1.1":
            # It knows neither, so that nothing tells it from a client that has left.
            self.transport.close()
            return
        if not cycle.response_started:
            self.transport.write(_INTERIM)
        elif cycle.chunked_encoding:
            self.transport.write(_ZERO)
        self._probe_later(cycle, count - 1)
