import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import azure.functions as func
import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from simulator.hosting.local_host import create_server, route_prefix, serve_all
from simulator.hosting.triggers import Triggers, read_triggers
from tests.conftest import nothing, running


class Streams:
    """A stream without an end, and whether it was stopped."""

    def __init__(self) -> None:
        self.stopped = threading.Event()

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"piece"
                await asyncio.sleep(0.01)
        finally:
            self.stopped.set()


STREAMS = Streams()
RECEIVED = threading.Event()
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("things/{thing}", methods=["GET", "DELETE"])
async def thing(req: Request) -> Response:
    return Response(req.path_params["thing"])


@app.route("things/all", methods=["GET"])
def everything(req: Request) -> Response:
    return Response(f"all on {threading.current_thread() is threading.main_thread()}")


@app.route("stream", methods=["GET"])
async def stream(req: Request) -> Response:
    return StreamingResponse(STREAMS.pieces())


@app.route("slow", methods=["GET"])
async def slow(req: Request) -> Response:
    RECEIVED.set()
    await asyncio.sleep(0.3)
    return Response("done")


@app.route("broken", methods=["GET"])
async def broken(req: Request) -> Response:
    raise RuntimeError("a bug")


TRIGGERS = read_triggers(app.get_functions())


@pytest.fixture(scope="module")
def host() -> Iterator[httpx2.Client]:
    with running(TRIGGERS) as url, httpx2.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/things/one", "one"),
        ("/things/one/", "one"),
        ("/THINGS/One", "One"),
        ("/things/a%20b%C3%A9", "a b\u00e9"),
    ],
)
def test_a_parameter_arrives_decoded(host: httpx2.Client, path: str, value: str) -> None:
    assert host.get(path).text == value


def test_a_literal_wins_and_a_synchronous_handler_runs_on_a_thread(host: httpx2.Client) -> None:
    assert host.get("/things/all").text == "all on False"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/things"), ("GET", "/things/a/b"), ("POST", "/things/one")],
)
def test_an_unknown_path_and_a_wrong_method_are_a_404(
    host: httpx2.Client, method: str, path: str
) -> None:
    answer = host.request(method, path)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Resource not found"


def test_a_method_that_a_literal_route_lacks_is_served_by_the_next_route(
    host: httpx2.Client,
) -> None:
    assert host.delete("/things/all").text == "all"


def test_a_client_that_leaves_mid_stream_stops_the_stream(host: httpx2.Client) -> None:
    with host.stream("GET", "/stream") as answer:
        pieces = answer.iter_raw()
        assert next(pieces) == b"piece"
        assert not STREAMS.stopped.is_set()
    assert STREAMS.stopped.wait(5)


def test_a_bug_in_a_handler_is_a_500(host: httpx2.Client) -> None:
    assert host.get("/broken").status_code == 500


def test_the_server_does_not_tell_what_it_runs_on(host: httpx2.Client) -> None:
    assert "server" not in host.get("/things/one").headers


def test_an_answer_under_way_is_finished_before_the_host_stops() -> None:
    with httpx2.Client() as client, ThreadPoolExecutor() as threads:
        with running(TRIGGERS) as url:
            answer = threads.submit(client.get, f"{url}/slow")
            assert RECEIVED.wait(5)
        assert answer.result().text == "done"


async def test_timers_run_while_the_host_serves_and_end_with_it() -> None:
    ticked = asyncio.Event()
    timers = func.FunctionApp()

    @timers.timer_trigger("timer", "* * * * * *")
    async def tick(timer: func.TimerRequest) -> None:
        ticked.set()

    triggers = read_triggers(timers.get_functions())
    server = create_server(Triggers((), triggers.timers), grace=1)
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(serve_all(server, triggers, listener, nothing))
    await asyncio.wait_for(ticked.wait(), 5)
    server.should_exit = True
    await serving
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    ("host_json", "prefix"),
    [
        ({"extensions": {"http": {"routePrefix": ""}}}, ""),
        ({"extensions": {"http": {"routePrefix": "v2"}}}, "v2"),
        ({"version": "2.0"}, "api"),
    ],
)
def test_the_route_prefix_is_that_of_host_json(
    tmp_path: Path, host_json: object, prefix: str
) -> None:
    (tmp_path / "host.json").write_text(json.dumps(host_json))
    assert route_prefix(tmp_path) == prefix


def test_the_app_itself_has_no_prefix() -> None:
    assert route_prefix(Path(__file__).parents[2]) == ""
