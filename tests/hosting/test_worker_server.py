"""The worker's HTTP server alone; the real worker library serves with it in `tests/functions`."""

import pytest
from azurefunctions.extensions.base import ModuleTrackerMeta
from starlette.types import Message, Scope

from simulator.hosting import worker_server
from simulator.hosting.worker_server import Request, Response, RouteParameters, WebApp

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/a", "query_string": b"", "headers": []}


async def nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def test_the_worker_finds_the_module_by_which_it_serves() -> None:
    assert ModuleTrackerMeta.get_module() == worker_server.__name__


async def test_every_request_goes_to_the_function_of_the_worker() -> None:
    web, sent = WebApp(), list[Message]()

    @web.route
    async def answer(request: Request) -> Response:
        return Response(request.url.path, 201)

    async def send(message: Message) -> None:
        sent.append(message)

    await web.get_app()(dict(SCOPE), nothing, send)
    assert (sent[0]["status"], sent[1]["body"]) == (201, b"/a")


def test_a_server_without_a_function_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="the worker has not given"):
        WebApp().get_app()


def test_a_request_takes_the_parameters_of_its_route() -> None:
    request = Request({**SCOPE, "path_params": {"old": "1"}}, nothing)
    RouteParameters().sync_route_params(request, {"path": "b"})
    assert request.path_params == {"path": "b"}
