"""Asking a simulator without a server between, and reading refusals."""

import json
from typing import Any, NamedTuple

import httpx2

from simulator.app import Simulator
from simulator.messages import Request
from tests.conftest import API_VERSION, KEY


class Reply(NamedTuple):
    """What a client gets, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[Any, Any, Any]:
        """Message, param and code of a model's refusal."""
        error = self.json["error"]
        return error["message"], error["param"], error["code"]

    @property
    def events(self) -> list[Any]:
        """The data of a stream's events, which must end with [DONE]."""
        *events, done, nothing = self.body.split(b"\n\n")
        assert (done, nothing) == (b"data: [DONE]", b"")
        return [json.loads(event.removeprefix(b"data: ")) for event in events]


async def ask(
    simulator: Simulator,
    path: str,
    body: object = b"",
    *,
    method: str = "POST",
    query: str = f"api-version={API_VERSION}",
    headers: dict[str, str] | None = None,
) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"api-key": KEY} if headers is None else headers
    response = await simulator(Request(method, path, query, given, content))
    whole = response.body
    if not isinstance(whole, bytes):
        whole = b"".join([piece async for piece in whole])
    return Reply(response.status, dict(response.headers), whole)


def route(operation: str, deployment: str) -> str:
    return f"/openai/deployments/{deployment}/{operation}"


def error_of(answer: httpx2.Response) -> dict[str, Any]:
    """The error of a 400."""
    assert answer.status_code == 400
    return answer.json()["error"]
