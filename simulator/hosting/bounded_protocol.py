"""HTTP with bounds: what a client may send, how slowly, on how many connections, how much at once."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any, NoReturn

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from simulator.hosting import bounds as refusals
from simulator.hosting.half_closed import HalfClosedProtocol
from simulator.hosting.traffic import Traffic

# Answered however many requests are in flight: whoever watches the simulator must see that it lives.
_ALWAYS = "/++/health"
_EXAMINED = frozenset({b"host", b"expect"})
# RFC 9112, 3.2, and RFC 3986, 3.2: a name or address and a port.
_HOST = re.compile(rb"[A-Za-z0-9._~!$&'()*+,;=%:\[\]-]*")


def tls_layer(transport: asyncio.Transport) -> asyncio.Protocol | None:
    """Return the protocol that encrypts a connection, None if nothing does."""
    layer: Any = transport.get_extra_info("uvloop.sslproto")
    return layer or getattr(transport, "_ssl_protocol", None)


class BoundedProtocol(HalfClosedProtocol):
    """uvicorn's protocol, which refuses what is beyond the bounds of the traffic."""

    def __init__(self, *args: Any, traffic: Traffic, **kwargs: Any) -> None:  # uvicorn's own
        super().__init__(*args, **kwargs)
        self._traffic = traffic
        self._bounds = traffic.bounds
        self._turned_away = False
        self._refusal = refusals.INVALID
        self._piece_size = 0
        self._head_size = 0
        """Bytes of a head that is not here whole, or of trailers."""
        self._trailer_count = 0
        self._host_count = 0
        self._head_began: float | None = None
        self._body_seen: float | None = None
        self._answered: float | None = None
        self._unread_since: float | None = None
        self._closing = False
        self._refused: float | None = None
        self._unread = 0
        self._later = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._head_began = self.loop.time()
        if not self._traffic.add(self):
            self._turned_away = True
            self._traffic.turned_away += 1
            if self._traffic.turned_away > self._bounds.turned_away:
                transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._traffic.remove(self)
        self._traffic.turned_away -= self._turned_away
        self._turned_away = False
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._later or self._refused is not None:
            self._drop(len(data))
            return
        self._piece_size = len(data)
        super().data_received(data)
        if self._head_began is not None and not self.transport.is_closing():
            self._head_size += len(data)
            if self._head_size > self._bounds.headers + self._bounds.address:
                self._refuse(refusals.HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head_size = self._trailer_count = self._host_count = 0
        if self._head_began is None:
            self._head_began = self.loop.time()
        if len(self.pipeline) >= self._bounds.pipelined:
            self._refusal = refusals.TOO_MANY_PIPELINED
            raise ValueError

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._bounds.address:
            self._refusal = refusals.ADDRESS_TOO_LONG
            raise ValueError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Like uvicorn's, whose call would cost each header as much again, and which would make headers
        of the trailers behind a body."""
        if self._head_began is None:
            self._add_trailer(len(name) + len(value))
            return
        name = name.lower()
        if name in _EXAMINED:
            self._examine(name, value)
        headers = self.headers
        headers.append((name, value))
        if len(headers) > self._bounds.header_count:
            self._refuse_headers()

    def _examine(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._host_count += 1
            if not _HOST.fullmatch(value):
                raise ValueError
        elif value.lower() == b"100-continue":
            self.expect_100_continue = True

    def _add_trailer(self, size: int) -> None:
        self._trailer_count += 1
        self._head_size += size
        bounds = self._bounds
        count = len(self.headers) + self._trailer_count
        if self._head_size > bounds.headers or count > bounds.header_count:
            self._refuse_headers()

    def _refuse_headers(self) -> NoReturn:
        """Have the parser stop, and uvicorn ask for the refusal."""
        self._refusal = refusals.HEADERS_TOO_LARGE
        raise ValueError

    def _are_too_long(self) -> bool:
        """Return whether the headers are; those that came in few bytes need not be added up."""
        bound = self._bounds.headers
        if self._head_size + self._piece_size <= bound:
            return False
        return sum([len(name) + len(value) for name, value in self.headers]) > bound

    def on_headers_complete(self) -> None:
        if self._are_too_long():
            self._refuse_headers()
        # RFC 9112, 3.2; older versions of HTTP need no host.
        if self._host_count != 1 and (self._host_count or self.parser.get_http_version() == "1.1"):
            raise ValueError
        self._head_began = None
        self._head_size = 0
        self._body_seen = self.loop.time()
        self._answered = None
        self._traffic.silent.pop(self, None)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._body_seen = self.loop.time()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._body_seen = None
        super().on_message_complete()

    def eof_received(self) -> bool:
        """Refuse what will never be whole, and stay for what is to be answered."""
        stays = super().eof_received()
        if self._refused is None and (self._head_size or self._body_seen is not None):
            self._refuse(refusals.INVALID)
        return stays

    def on_response_complete(self) -> None:
        """Like uvicorn's, but without a timer for each answer: the sweep closes idle connections."""
        self._answered = self.loop.time()
        self.server_state.total_requests += 1
        if self.transport.is_closing() or self._refused is not None:
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        elif self._later:
            self.cycle.response_complete = True  # or else it was dropped, half read
            self._say_farewell(self._later)
        elif self._ended:
            self.transport.close()

    def pause_writing(self) -> None:
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        del msg
        self._refuse(self._refusal)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:  # uvicorn's own
        if cycle.scope["path"] == _ALWAYS:
            super()._start_asgi_task(cycle, app)
        elif self._turned_away:
            self._refuse(refusals.NO_CONNECTION_LEFT)
        elif len(self.tasks) + len(self._traffic.turns) >= self._bounds.requests:
            self._traffic.refusals.enter(partial(self._shed, cycle))
        else:
            self._traffic.turns.enter(partial(super()._start_asgi_task, cycle, app))

    def _shed(self, cycle: RequestResponseCycle) -> None:
        """Answer at once, without a task: a refusal must cost less than an answer."""
        self._traffic.shed()
        if self.transport.is_closing():
            return
        cycle.response_started = cycle.response_complete = True
        self.transport.write(refusals.TOO_BUSY)
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def expire(self, now: float) -> None:
        """Close the connection if its client has let it stand still for too long."""
        bounds = self._bounds
        if self._refused is not None:
            if now - self._refused > bounds.farewell_seconds:
                self.transport.close()
        elif self._head_began is not None and now - self._head_began > bounds.head_seconds:
            silent = self._head_size == 0
            self._refuse(b"" if silent else refusals.TOO_SLOW)
        elif self._body_seen is not None:
            self._expire_body(now)
        elif self._unread_since is not None and now - self._unread_since > bounds.write_seconds:
            self.transport.abort()
        elif self.transport.is_closing():
            self._end_farewell()
        elif self._idle_since is not None and now - self._idle_since > bounds.idle_seconds:
            self.transport.close()

    def _end_farewell(self) -> None:
        """Close a connection over TLS, a second or two after its end, without its client's farewell.

        asyncio and uvloop wait for that for 30 seconds, and idle clients do not send it. Whatever has
        been written is delivered still: all of it has left the TLS layer, whose `eof_received` closes
        the connection below it.
        """
        if self._closing and self.transport.get_write_buffer_size() == 0:
            below = tls_layer(self.transport)
            if below is not None:
                below.eof_received()
        self._closing = True

    @property
    def _idle_since(self) -> float | None:
        """The moment of the last answer, if no request has begun after it."""
        if self._answered is None or self._head_began is not None:
            return None
        return self._answered if self.cycle.response_complete else None

    def _expire_body(self, now: float) -> None:
        """A body that nobody reads any more may go on for a while, so that its client sees why."""
        if self.flow.read_paused:
            self._body_seen = now
        seen = self._body_seen if self._answered is None else self._answered
        if seen is not None and now - seen > self._bounds.body_seconds:
            self._refuse(refusals.TOO_SLOW)

    def _refuse(self, refusal: bytes) -> None:
        """Answer what is being read with this, and end the connection. What was requested before it is
        answered first, or else its client would take the refusal for that answer; what has its answer
        gets no other."""
        self._head_began = None
        if self._body_seen is not None:
            if self.pipeline:
                self.pipeline.popleft()  # the newest one, which is what is being read
                self._body_seen = None
            elif self.cycle.response_started:
                refusal = b""
        if self._body_seen is None and not self._all_answered:
            self._later = refusal
        else:
            self._say_farewell(refusal)

    @property
    def _all_answered(self) -> bool:
        return not self.pipeline and (not self.cycle or self.cycle.response_complete)

    def _say_farewell(self, refusal: bytes) -> None:
        """Close the connection once its client has: a socket that is closed with something unread in it is
        reset, and takes with it what the client has not read yet."""
        if not self._all_answered or self._ended:
            self.transport.write(refusal)
            self.transport.close()
            return
        self._refused = self.loop.time()
        self._body_seen = None
        self.transport.write(refusal)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _drop(self, size: int) -> None:
        self._unread += size
        if self._unread > self._bounds.farewell:
            self.transport.abort()
