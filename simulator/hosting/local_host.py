"""The local Functions host: serves the triggers of a Functions app on uvicorn."""

import asyncio
import contextlib
import functools
import gc
import json
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.caching import cached_by_two
from simulator.errors import ResourceNotFound
from simulator.hosting.bounded_protocol import BoundedProtocol
from simulator.hosting.bounds import Bounds, connections_within, listeners_within, raise_limit
from simulator.hosting.certificate import Certificate
from simulator.hosting.stopping import StoppingServer, cut_off
from simulator.hosting.timer_loop import run_timer
from simulator.hosting.traffic import Traffic
from simulator.hosting.triggers import HttpTrigger, Triggers

_HTTPS = (b"x-forwarded-proto", b"https")
# Seconds that answers under way have to finish after the signal to stop.
_GRACE = 30
HANDSHAKE = 10.0
"""Seconds for the handshake of TLS."""
_BOUNDS = Bounds()
# Connections accepted in one round of the event loop. libuv accepts one for each listener, so that
# the thousandth of a crowd would wait for a thousand rounds (https://github.com/libuv/libuv/pull/3696).
_ACCEPTED = 64
ACCEPTED_BY_WORKER = 1
"""The connections where several processes accept: one that took many at once would leave the others idle."""


def route_prefix(root: Path) -> str:
    """The prefix of every route, from the app's host.json; the Functions host's default is `api`."""
    host: dict[str, Any] = json.loads((root / "host.json").read_bytes())
    return host.get("extensions", {}).get("http", {}).get("routePrefix", "api")


Closing = Callable[[], Awaitable[None]]


class Host:
    """An ASGI app that leads each request to the handler of its trigger."""

    def __init__(self, triggers: Triggers) -> None:
        self._routes = [(trigger.pattern, trigger) for trigger in triggers.http]
        # Clients call few paths again and again; the bounds keep a scan of paths from growing memory.
        self._find = cached_by_two(self._match, most=4096)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._response(scope, receive)
            await response(scope, receive, send)
        except asyncio.CancelledError:
            # The host stops: the grace period is over.
            if not cut_off(send):
                raise

    def _response(self, scope: Scope, receive: Receive) -> Awaitable[Any]:
        """Return what the handler of the trigger answers."""
        found = self._find(scope["method"], scope["path"])
        if found is None:
            # The Functions host answers a path and a method that it does not know alike, but without
            # a body.
            return _not_found()
        trigger, values = found
        scope["path_params"] = dict(values)
        if scope["scheme"] == "https":
            # The header of a proxy that ends TLS: addresses in answers begin with https for it.
            scope["headers"] = [*scope["headers"], _HTTPS]
        return trigger.handler(Request(scope, receive))

    def _match(self, method: str, path: str) -> tuple[HttpTrigger, Mapping[str, str]] | None:
        for pattern, trigger in self._routes:
            if method in trigger.methods:
                match = pattern.fullmatch(path) or pattern.fullmatch(path.removesuffix("/"))
                if match:
                    return trigger, match.groupdict()
        return None


async def _not_found() -> Response:
    return Response(ResourceNotFound().body(), 404, media_type="application/json")


class LocalServer(StoppingServer):
    """The server of the local host, on whose sockets a handshake of TLS takes a bounded time: those who are
    in it are no connections yet, which have bounds, but hold open files.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Like uvicorn's, which passes no such time."""
        config = self.config
        if not sockets or config.ssl is None:
            await super().startup(sockets)
            return
        make = functools.partial(
            config.http_protocol_class,
            config=config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        self.servers = [
            await asyncio.get_running_loop().create_server(
                make,
                sock=listener,
                ssl=config.ssl,
                backlog=config.backlog,
                ssl_handshake_timeout=HANDSHAKE,
            )
            for listener in sockets
        ]
        self.started = True


def create_server(
    triggers: Triggers,
    grace: int = _GRACE,
    certificate: Certificate | None = None,
    *,
    bounds: Bounds = _BOUNDS,
    shed: Callable[[], None] = lambda: None,
) -> uvicorn.Server:
    """A server of the HTTP triggers, over https with a certificate.

    `grace` is what answers in flight have to finish, in seconds; `shed` is called for each request
    that is refused because there are too many.
    """
    config = uvicorn.Config(
        Host(triggers),
        http=functools.partial(BoundedProtocol, traffic=Traffic(bounds, shed)),  # type: ignore[arg-type]  # a class
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=grace,
        ssl_certfile=certificate and certificate.chain,
        ssl_keyfile=certificate and str(certificate.key),
    )
    return LocalServer(config)


def serve(
    triggers: Triggers,
    listener: socket.socket,
    closing: Closing,
    certificate: Certificate | None = None,
    *,
    requests: int = _BOUNDS.requests,
    shed: Callable[[], None] = lambda: None,
    accepted: int = _ACCEPTED,
    beside: Callable[[], AbstractAsyncContextManager[None]] = contextlib.nullcontext,
) -> None:
    """Serves until SIGINT or SIGTERM, which end in `KeyboardInterrupt` when all is done.

    `accepted` is how many connections are accepted in one round of the event loop; `beside` returns a
    context that lasts as long as it is served.
    """
    files = raise_limit()
    bounds = Bounds(requests=requests, connections=connections_within(files))
    accepted = listeners_within(files, accepted)
    server = create_server(triggers, certificate=certificate, bounds=bounds, shed=shed)
    # All that is loaded by now stays: to look for garbage among it, too, would hold up all streams.
    gc.freeze()
    loops = server.config.get_loop_factory()
    with server.capture_signals(), asyncio.Runner(loop_factory=loops) as runner:
        runner.run(serve_all(server, triggers, listener, closing, accepted=accepted, beside=beside))


async def serve_all(
    server: uvicorn.Server,
    triggers: Triggers,
    listener: socket.socket,
    closing: Closing,
    *,
    accepted: int = _ACCEPTED,
    beside: Callable[[], AbstractAsyncContextManager[None]] = contextlib.nullcontext,
) -> None:
    """Serves the HTTP triggers, and runs the timers meanwhile; `closing` is awaited at the end."""
    timers = [
        asyncio.create_task(run_timer(trigger, time.time, asyncio.sleep))
        for trigger in triggers.timers
    ]
    try:
        async with beside():
            await server.serve([listener, *(listener.dup() for _ in range(accepted - 1))])
    finally:
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)
        await closing()
