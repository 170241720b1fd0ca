"""The HTTP server inside the Functions worker: Starlette's requests and responses on uvicorn.

The worker finds it through Microsoft's base for such servers, as it finds the one of
`azurefunctions-extensions-http-fastapi`, which takes half of the app's import.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import uvicorn
from azurefunctions.extensions import base
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.hosting.stopping import StoppingServer, cut_off

# Seconds that answers under way have to finish after the signal to stop, as in the local host.
_GRACE = 30

__all__ = ["Request", "Response", "WebApp", "WebServer"]

Answering = Callable[[Request], Awaitable[Response]]


class RouteParameters(base.RequestSynchronizer):
    """Gives a request the parameters of its route, which the host sends beside it."""

    def sync_route_params(self, request: Request, path_params: Mapping[str, str]) -> None:
        request.scope["path_params"] = dict(path_params)


class RequestType(metaclass=base.RequestTrackerMeta):
    """Declares to the worker what an HTTP function takes."""

    request_type = Request
    synchronizer = RouteParameters()


class ResponseType(metaclass=base.ResponseTrackerMeta):
    """Declares to the worker what an HTTP function returns."""

    label = base.ResponseLabels.STANDARD
    response_type = Response


class WebApp(base.WebApp):
    """Leads every request to the one function that the worker gives to `route`."""

    def __init__(self) -> None:
        self._answer: Answering | None = None

    def route(self, func: Answering) -> Answering:
        self._answer = func
        return func

    def get_app(self) -> ASGIApp:
        answer = self._answer
        if answer is None:
            raise RuntimeError("the worker has not given the function that answers")

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                response = await answer(Request(scope, receive))
                await response(scope, receive, send)
            except asyncio.CancelledError:
                # The worker stops: the grace period is over.
                if not cut_off(send):
                    raise

        return app


class WebServer(base.WebServer):
    """Serves on the event loop of the worker, until that ends or a signal comes: uvicorn takes the signals,
    and would wait for streams and connections without end.
    """

    def __init__(self, hostname: str, port: int, web_app: WebApp) -> None:
        self._config = uvicorn.Config(
            web_app.get_app(),
            host=hostname,
            port=port,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_GRACE,
        )

    async def serve(self) -> None:
        await StoppingServer(self._config).serve()
