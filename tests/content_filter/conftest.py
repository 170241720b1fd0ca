"""What tests of the content filter start from: the host of the tests of rules, and its events."""

import json
from typing import Any

import httpx2

from tests.rules.conftest import Host, host, make_host, shared_host

__all__ = ["host", "make_host", "shared_host"]


def own_rule(**members: Any) -> dict[str, str]:
    """The header with a rule for one request."""
    return {"x-simulator-rule": json.dumps(members)}


def events_of(answer: httpx2.Response) -> list[dict[str, Any]]:
    lines = (line.removeprefix("data: ") for line in answer.text.splitlines())
    return [json.loads(line) for line in lines if line.startswith("{")]


def contents(events: list[dict[str, Any]]) -> str:
    """The text that a client of chat would put together."""
    choices = (choice for event in events for choice in event["choices"])
    return "".join(choice.get("delta", {}).get("content") or "" for choice in choices)


def respond(host: Host, **members: Any) -> httpx2.Response:
    headers = members.pop("headers", {})
    body = {"model": "gpt-4o", "input": "Hello", **members}
    return host.http.post("/openai/v1/responses", json=body, headers=headers)
