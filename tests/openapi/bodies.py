"""Bodies of answers, and what is wrong with them."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator

from simulator.app import Simulator
from simulator.messages import Request
from tests.support.asking import Reply


async def reply_to(simulator: Simulator, request: Request) -> Reply:
    response = await simulator(request)
    whole = response.body
    if not isinstance(whole, bytes):
        whole = b"".join([piece async for piece in whole])
    return Reply(response.status, dict(response.headers), whole)


def media_of(reply: Reply) -> str:
    return reply.headers.get("content-type", "application/json").split(";")[0]


def bodies(reply: Reply) -> Iterator[Any]:
    """The body; of a stream, the data of each event."""
    media = media_of(reply)
    if media == "text/event-stream":
        for line in reply.body.decode().split("\n"):
            if line.startswith("data: ") and line != "data: [DONE]":
                yield json.loads(line.removeprefix("data: "))
    else:
        yield reply.json if media == "application/json" else reply.body.decode()


def flaw_of(reply: Reply, validator: Validator) -> str | None:
    """What is wrong with the first body that is wrong."""
    for body in bodies(reply):
        error = best_match(validator.iter_errors(body))
        if error is not None:
            return f"{error.json_path}: {error.message}"
    return None
