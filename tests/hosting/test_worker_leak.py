import sys
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import Response

from simulator.hosting.worker_leak import kept_invocations, released

WORKERS = ["azure_functions_runtime.http_v2", "azure_functions_worker.http_v2"]


def install(monkeypatch: pytest.MonkeyPatch, module: Any, name: str = WORKERS[0]) -> None:
    for worker in WORKERS:
        monkeypatch.delitem(sys.modules, worker, raising=False)
    if module is not None:
        monkeypatch.setitem(sys.modules, name, module)


async def send(response: Response, invocation_id: bytes = b"one") -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        raise NotImplementedError

    async def collect(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"x-ms-invocation-id", invocation_id)]}
    await response(scope, receive, collect)
    return sent


@pytest.mark.parametrize("name", WORKERS)
async def test_the_entry_of_an_invocation_is_gone_when_its_response_is_sent(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    table = {"one": object(), "two": object()}
    coordinator = SimpleNamespace(_context_references=table)
    install(monkeypatch, SimpleNamespace(http_coordinator=coordinator), name)
    await send(released(Response("body"), kept_invocations()))
    assert list(table) == ["two"]


async def test_the_response_itself_is_sent_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = SimpleNamespace(_context_references={})
    install(monkeypatch, SimpleNamespace(http_coordinator=coordinator))
    start, body = await send(released(Response("body", status_code=404), kept_invocations()))
    assert (start["status"], body["body"]) == (404, b"body")


@pytest.mark.parametrize(
    "module",
    [
        None,
        SimpleNamespace(),
        SimpleNamespace(http_coordinator=object()),
        SimpleNamespace(http_coordinator=SimpleNamespace(_context_references="another kind")),
    ],
)
async def test_a_worker_that_keeps_no_table_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    install(monkeypatch, module)
    response = Response("body")
    assert released(response, kept_invocations()) is response
