"""A stream that its client leaves is reported with the tokens that had left."""

import asyncio
from typing import Any

import msgspec
import pytest

from simulator.app import Simulator
from simulator.messages import Request, Usage
from simulator.pacing import pushed
from simulator.telemetry.sent_tokens import pieces_in, sent
from tests.conftest import API_VERSION, KEY, MakeSimulator

HELLO = [{"role": "user", "content": "Hello"}]
STREAMS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "/openai/deployments/gpt-4o/chat/completions",
        f"api-version={API_VERSION}",
        {"messages": HELLO, "stream": True, "max_tokens": 500},
    ),
    (
        "/openai/v1/responses",
        "",
        {"model": "gpt-4o", "input": "Hello", "stream": True, "max_output_tokens": 500},
    ),
]


@pytest.mark.parametrize(("path", "query", "body"), STREAMS, ids=["chat", "responses"])
async def test_the_journal_has_what_left_before_the_client_did(
    make_simulator: MakeSimulator, path: str, query: str, body: dict[str, Any]
) -> None:
    simulator = make_simulator(
        answer_tokens_mean=400.0, answer_tokens_std_dev=0.0, chat_completions_mean=10.0
    )
    content = msgspec.json.encode(body)
    response = await simulator(Request("POST", path, query, {"api-key": KEY}, content))
    stream = response.body
    assert not isinstance(stream, bytes)
    pieces = 0
    async for piece in stream:
        pieces += pieces_in(piece)
        if pieces >= 20:
            break
    del stream, response
    listed = await simulator(Request("GET", "/++/requests", "", {"api-key": KEY}, b""))
    assert isinstance(listed.body, bytes)
    (entry,) = msgspec.json.decode(listed.body)["requests"]
    assert entry["cut"] is True
    assert entry["completion_tokens"] == pieces < 400


async def test_the_journal_has_what_was_pushed_before_the_client_left(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(
        answer_tokens_mean=400.0, answer_tokens_std_dev=0.0, chat_completions_mean=5.0
    )
    path, query, asked = STREAMS[0]
    content = msgspec.json.encode(asked)
    response = await simulator(Request("POST", path, query, {"api-key": KEY}, content))
    body = pushed(response.body)
    assert body is not None
    pieces = 0
    enough = asyncio.Event()

    def write(piece: bytes) -> bool:
        nonlocal pieces
        pieces += pieces_in(piece)
        if pieces >= 20:
            enough.set()
        return True

    pushing = asyncio.ensure_future(body.push(write))
    await asyncio.wait_for(enough.wait(), 60)
    pushing.cancel()
    await asyncio.wait([pushing])
    listed = await simulator(Request("GET", "/++/requests", "", {"api-key": KEY}, b""))
    assert isinstance(listed.body, bytes)
    (entry,) = msgspec.json.decode(listed.body)["requests"]
    assert entry["cut"] is True
    assert entry["completion_tokens"] == pieces < 400


def test_a_model_that_writes_has_thought_before() -> None:
    usage = Usage(prompt=5, completion=100, reasoning=60)
    assert sent(usage, 10) == Usage(prompt=5, completion=70, reasoning=60)
    assert sent(usage, 0) == Usage(prompt=5)
    assert sent(usage, 999) == usage


def test_events_without_text_are_no_pieces() -> None:
    role = b'data: {"choices":[{"delta":{"content":"","role":"assistant"}}]}\n\n'
    text = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
    created = b"event: response.created\ndata: {}\n\n"
    assert [pieces_in(role), pieces_in(text * 2), pieces_in(created)] == [0, 2, 0]


async def test_an_answer_that_its_client_does_not_wait_for_is_charged(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator(chat_completions_mean=1_000_000.0)
    path, query, _ = STREAMS[0]
    content = msgspec.json.encode({"messages": HELLO, "max_tokens": 50})
    patience, entry = 0.05, dict[str, Any]()
    while patience < 30:  # until the answer is made, and waits for its time
        task = asyncio.create_task(
            simulator(Request("POST", path, query, {"api-key": KEY}, content))
        )
        await asyncio.wait({task}, timeout=patience)
        task.cancel()
        await asyncio.wait({task})
        (entry, *_) = await _asked(simulator, "/++/requests", "requests")
        if "completion_tokens" in entry:
            break
        patience *= 2
    assert (entry["status"], entry["cut"], entry["completion_tokens"]) == (499, True, 50)
    assert (await _asked(simulator, "/++/costs", "thrown_away"))["left"] > 0


async def _asked(simulator: Simulator, path: str, member: str) -> Any:
    answer = await simulator(Request("GET", path, "", {"api-key": KEY}, b""))
    assert isinstance(answer.body, bytes)
    return msgspec.json.decode(answer.body)[member]
