"""Calls as the pipeline makes them in modes that do not judge a request."""

import json
from typing import Any

from simulator.messages import Request
from simulator.operations.base import Call
from simulator.operations.unknown import Unknown

# For operations of which these tests need the name alone.
NO_RESOURCES: Any = None
CALLERS_KEY = "callers-key-4711"


def asking(behaviour, body=None, *, query="api-version=2024-10-21", method="POST", **headers):
    """A call that the fake upstream answers by this behaviour."""
    content = {"messages": [{"role": "user", "content": "Hello"}]} if body is None else body
    request = Request(
        method,
        behaviour if behaviour.startswith("/") else f"/openai/deployments/gpt-4o/{behaviour}",
        query,
        {"content-type": "application/json", "api-key": CALLERS_KEY, "host": "sim:8000", **headers},
        content if isinstance(content, bytes) else json.dumps(content).encode(),
    )
    return Call(request, {}, "2024-10-21", None, Unknown(NO_RESOURCES), None)


async def body_of(answer):
    if isinstance(answer.chunks, tuple):
        return b"".join(chunk.data for chunk in answer.chunks)
    return b"".join([chunk.data async for chunk in answer.chunks])
