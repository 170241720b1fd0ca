"""Latency that is learnt from recorded streams, and generated again."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from simulator.assembly.simulator import create_simulator
from simulator.catalogue.latency_table import read_profile
from simulator.configuration.settings import Settings
from simulator.messages import Answer, Chunk, Request, Usage
from simulator.recordings.analysis.learning import (
    LEAST,
    LEAST_OF_A_SIZE,
    Learnt,
    deployment_of,
    has_token,
    latency_of,
    quantile,
    timing_of,
)
from simulator.recordings.exchange import Exchange, Piece
from tests.conftest import API_VERSION, KEY

TOKENS = 20
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


def event(content: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": content}}]}).encode() + b"\n\n"


def stream(
    first: float,
    between: float,
    prompt: int = 10,
    reasoning: int = 0,
    *,
    usage: bool = True,
    deployment: str = "chat",
) -> Exchange:
    """A chat stream whose tokens came at these milliseconds."""
    pieces = [Piece(b'data: {"choices":[]}\n\n', 1)]
    pieces += [Piece(event("a"), round(first + at * between)) for at in range(TOKENS)]
    pieces.append(Piece(b"data: [DONE]\n\n", pieces[-1].t_ms))
    reported = Usage(prompt, TOKENS + reasoning, reasoning) if usage else None
    path = f"/openai/deployments/{deployment}/chat/completions"
    request = Request("POST", path, body=b"x" * 4 * prompt)
    return Exchange(request, 200, {}, tuple(pieces), 1, streamed=True, usage=reported)


def test_a_stream_has_the_moment_of_its_first_token_and_the_mean_between() -> None:
    timing = timing_of(stream(400, 10, prompt=50))
    assert timing is not None
    assert (timing.prompt_tokens, timing.first, timing.between) == (50, 400, 10)


def test_without_usage_events_are_tokens_and_the_prompt_is_estimated() -> None:
    timing = timing_of(stream(400, 10, prompt=50, usage=False))
    assert timing is not None
    assert (timing.prompt_tokens, timing.first, timing.between) == (50, 400, 10)


def test_reasoning_is_taken_off_the_first_token() -> None:
    timing = timing_of(stream(2_400, 10, reasoning=200))
    assert timing is not None
    assert timing.first == 400


@pytest.mark.parametrize(
    ("data", "brings"),
    [
        (b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n', False),
        (b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n', True),
        (b'data: {"choices":[{"delta":{"tool_calls":[{"index":0}]}}]}\n\n', True),
        (b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n', False),
        (b'data: {"choices":[{"text":"Hi"}]}\n\n', True),
        (
            b'event: response.output_text.delta\ndata: {"type":"response.output_text.delta"}\n\n',
            True,
        ),
        (b'event: response.created\ndata: {"type":"response.created"}\n\n', False),
        (b"data: [DONE]\n\n", False),
        (b": comment\n\n", False),
        (b'data: {"choices": 1}\n\n', False),
    ],
)
def test_what_brings_a_token_is_known(data: bytes, brings: bool) -> None:
    assert has_token(Piece(data, 0)) is brings


@pytest.mark.parametrize("change", [{"streamed": False}, {"status": 429}, {"pieces": ()}])
def test_what_is_no_whole_stream_is_left_out(change: dict[str, Any]) -> None:
    assert timing_of(structs.replace(stream(1, 1), **change)) is None


def test_sizes_of_prompts_with_few_streams_are_joined_with_the_next() -> None:
    many = [timing_of(stream(100, 10, prompt=100)) for _ in range(LEAST_OF_A_SIZE)]
    few = [timing_of(stream(900, 10, prompt=1_000)) for _ in range(3)]
    long = [timing_of(stream(900, 10, prompt=9_000)) for _ in range(LEAST_OF_A_SIZE)]
    latency = latency_of([one for one in (*many, *few, *long) if one is not None])
    assert [size["up_to"] for size in latency["by_prompt"]] == [500, 32_000]
    one_size = latency_of([one for one in many if one is not None])
    assert "by_prompt" not in one_size
    assert one_size["first_token_ms"]["quantiles"][0] == [0.0, 100]


def test_deployments_with_few_streams_are_left_out() -> None:
    learnt = Learnt()
    for _ in range(LEAST):
        learnt.add(stream(100, 10, deployment="enough"))
    learnt.add(stream(100, 10, deployment="few"))
    document = learnt.profile("the folder x")
    assert list(document["deployments"]) == ["enough"]
    assert document["learnt"] == {
        "from": "the folder x",
        "recordings": LEAST + 1,
        "streams": {"enough": LEAST},
    }


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        (Request("POST", "/openai/deployments/mine/chat/completions"), "mine"),
        (Request("POST", "/openai/v1/responses", body=b'{"model": "yours"}'), "yours"),
        (Request("GET", "/openai/v1/models"), ""),
        (Request("POST", "/openai/v1/responses", body=b"{"), ""),
    ],
)
def test_a_request_names_its_deployment_in_its_path_or_its_body(
    request_: Request, name: str
) -> None:
    assert deployment_of(request_) == name


class Taken:
    """The answers of a simulator, which are not waited for."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    async def pace(self, answer: Answer, arrived: float) -> bytes:
        self.answers.append(answer)
        return b""


async def test_generated_streams_have_the_learnt_quantiles(tmp_path: Path) -> None:
    rng = random.Random(11)
    learnt = Learnt()
    for _ in range(1_500):
        first, between = rng.lognormvariate(6.2, 0.5), rng.lognormvariate(3.2, 0.4)
        learnt.add(stream(first, between))
    path = tmp_path / "latency.json"
    path.write_text(json.dumps(learnt.profile("here")), encoding="utf-8")
    read_profile(path.read_bytes(), "it")
    simulator = create_simulator(Settings(api_key=KEY, latency_profile=str(path)))
    taken = Taken()
    simulator._pacer = taken  # type: ignore[assignment]  # pacing is what is measured, and left out
    simulator._active.local._generate._rng.seed(5)  # type: ignore[attr-defined]
    rule = json.dumps({"reply": "word " * TOKENS})
    body = json.dumps({"messages": [{"role": "user", "content": "Hi"}], "stream": True}).encode()
    request = Request(
        "POST",
        "/openai/deployments/chat/chat/completions",
        f"api-version={API_VERSION}",
        {"api-key": KEY, "x-simulator-rule": rule},
        body,
    )
    for _ in range(6_000):
        assert (await simulator(request)).status == 200
    again = [timing_of(generated(answer)) for answer in taken.answers]
    for of in ("first", "between"):
        before = sorted(getattr(one, of) for one in learnt.timings["chat"])
        after = sorted(getattr(one, of) for one in again if one is not None)
        assert len(after) == 6_000
        for share in SHARES:
            assert quantile(after, share) == pytest.approx(quantile(before, share), rel=0.05)


def generated(answer: Answer) -> Exchange:
    """An answer as it would be recorded."""
    assert isinstance(answer.chunks, tuple)
    pieces = tuple(Piece(one.data, round(one.due * 1000)) for one in answer.chunks)
    assert all(isinstance(one, Chunk) for one in answer.chunks)
    request = Request("POST", "/x")
    return Exchange(request, 200, {}, pieces, 1, streamed=True, usage=answer.usage)
