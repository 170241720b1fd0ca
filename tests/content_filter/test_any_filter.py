"""No filter, however odd, makes the simulator fail or hang, and no answer loses its shape."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.catalogue.content_filter import ALL_CATEGORIES, CATEGORIES
from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.messages import Request, Response
from tests.conftest import KEY, MakeSimulator

SCALARS = st.sampled_from([None, True, False, 0, -1, 1, 0.5, "", "high", "safe", "x" * 200, "end"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["citation", "URL", "details", ""]), inner, max_size=3)
    ),
    max_leaves=5,
)
GOOD: dict[str, Any] = {
    **dict.fromkeys(ALL_CATEGORIES, st.just(True)),
    **dict.fromkeys(("hate", "violence"), st.sampled_from(["low", "high", True])),
    "custom_blocklists": st.sampled_from(["mine", ["mine", "yours"]]),
}


def categories(source: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: GOOD[name] for name in CATEGORIES[source]})


PLACES = st.fixed_dictionaries({"after_tokens": st.integers(0, 12)}) | st.fixed_dictionaries(
    {"at": st.sampled_from(["two", "end", "ONE two", ".", "é"])}
)
CUT = st.builds(
    lambda found, place: {"profanity": True, **found, **place}, categories("completion"), PLACES
)
ODD = st.dictionaries(st.sampled_from([*ALL_CATEGORIES, "at", "after_tokens", "x"]), VALUES)
FILTER = st.fixed_dictionaries(
    {},
    optional={
        "prompt": categories("prompt") | VALUES,
        "completion": CUT | CUT | ODD,
        "annotate": st.fixed_dictionaries({"completion": categories("completion") | ODD}),
        "charged": SCALARS,
    },
)
CUTS = st.fixed_dictionaries({"completion": CUT})
REPLY = "One, two. One two!  The é end\n" * 20
CHAT: Any = {"messages": [{"role": "user", "content": "Hi"}]}
CHATS = st.sampled_from([CHAT, {**CHAT, "n": 2, "logprobs": True}, {**CHAT, "max_tokens": 5}])
ASKED = st.sampled_from(
    [
        ("chat/completions", CHAT),
        ("chat/completions", {**CHAT, "n": 2, "logprobs": True}),
        ("chat/completions", {**CHAT, "max_tokens": 1}),
        ("completions", {"prompt": ["Hi", "Ho"], "model": "gpt-35-turbo-instruct"}),
        ("responses", {"input": "Hi"}),
        ("responses", {"input": "Hi", "model": "gpt-5", "reasoning": {"summary": "auto"}}),
        ("embeddings", {"input": "Hi", "model": "text-embedding-3-small"}),
    ]
)


def asking(path: str, body: dict[str, Any], rule: object) -> Request:
    headers = {"api-key": KEY, "x-simulator-rule": json.dumps(rule)}
    whole = msgspec.json.encode({"model": "gpt-4o", **body})
    return Request("POST", f"/openai/v1/{path}", "", headers, whole)


def events_in(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


async def body_of(response: Response) -> str:
    if isinstance(response.body, AsyncIterator):
        return b"".join([piece async for piece in response.body]).decode()
    return response.body.decode()


def asked(make_simulator: MakeSimulator, request: Request, mode: str) -> tuple[int, str]:
    simulator = make_simulator()

    async def run() -> tuple[int, str]:
        entry = {"content_filter": {"mode": mode, "blocklists": {"mine": ["nowhere to be found"]}}}
        patch = msgspec.json.encode({"openai_deployments": {"gpt-4o": entry}})
        await simulator(Request("PATCH", "/++/config", "", {"api-key": KEY}, patch))
        response = await simulator(request)
        return response.status, await body_of(response)

    return asyncio.run(asyncio.wait_for(run(), 30))


@settings(max_examples=60)
@given(found=FILTER, ask=ASKED, streamed=st.booleans(), mode=st.sampled_from(["default", "async"]))
def test_a_filter_is_refused_or_it_works(
    make_simulator: MakeSimulator, found: object, ask: Any, streamed: bool, mode: str
) -> None:
    path, body = ask
    streams = {} if path == "embeddings" else {"stream": streamed}
    request = asking(path, {**body, **streams}, {"filter": found})
    status, text = asked(make_simulator, request, mode)
    assert status in (200, 400)
    assert text


@settings(max_examples=60)
@given(found=CUTS, ask=CHATS, mode=st.sampled_from(["default", "async"]))
def test_a_stream_and_a_plain_answer_are_cut_alike(
    make_simulator: MakeSimulator, found: Any, ask: Any, mode: str
) -> None:
    rule = {"reply": REPLY, "filter": found}
    _, plain = asked(make_simulator, asking("chat/completions", ask, rule), mode)
    streamed = asking("chat/completions", {**ask, "stream": True}, rule)
    _, stream = asked(make_simulator, streamed, mode)
    choices = json.loads(plain)["choices"]
    texts, ends = [""] * len(choices), [""] * len(choices)
    for event in events_in(stream):
        for choice in event["choices"]:
            texts[choice["index"]] += choice.get("delta", {}).get("content") or ""
            ends[choice["index"]] += choice["finish_reason"] or ""
    assert ends == [choice["finish_reason"] for choice in choices]
    for text, choice in zip(texts, choices, strict=True):
        whole = choice["message"].get("content") or ""
        assert text == whole if mode == "default" else text.startswith(whole)


@settings(max_examples=40)
@given(found=CUTS)
def test_a_streamed_response_is_the_plain_one(make_simulator: MakeSimulator, found: Any) -> None:
    rule = {"reply": REPLY, "filter": found}
    _, plain = asked(make_simulator, asking("responses", {"input": "Hi"}, rule), "default")
    streamed = asking("responses", {"input": "Hi", "stream": True}, rule)
    events = events_in(asked(make_simulator, streamed, "default")[1])
    whole, last = json.loads(plain), events[-1]["response"]
    for name in ("status", "incomplete_details", "content_filters", "usage"):
        assert last[name] == whole[name]
    text = whole["output"][0]["content"][0]["text"]
    assert last["output"][0]["content"][0]["text"] == text
    assert "".join(event.get("delta", "") for event in events) == text
    assert [event["sequence_number"] for event in events] == list(range(len(events)))


@given(
    st.dictionaries(
        st.sampled_from(["mode", "blocklists", "annotateOnly", "rates", "rate"]),
        VALUES | st.dictionaries(st.sampled_from(["prompt", "completion", "hate"]), ODD),
    )
    | VALUES
)
def test_any_filter_of_a_deployment_is_read_or_refused(document: object) -> None:
    entry = {"model": "gpt-4o", "contentFilter": document}
    with contextlib.suppress(DeploymentFileError):
        parse_deployments(json.dumps({"chat": entry}), "FILE")
