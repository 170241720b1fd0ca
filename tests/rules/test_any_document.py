"""No document of rules, however odd, makes the simulator fail or hang."""

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.messages import Request
from tests.conftest import KEY, MakeSimulator

MEMBERS = (
    "name", "when", "reply", "then", "call", "fault", "latency", "times", "skip", "probability",
    "seed", "from", "until", "ttl", "embedding", "image", "transcript", "recording",
)  # fmt: skip
WHEN = (
    "operation",
    "path",
    "header",
    "contains",
    "matches",
    "any_message",
    "tool",
    "body",
    "stream",
)
WORDS = st.sampled_from(
    ["", "Hi", "*", "(a|a)*$", "(", "(?i)h", "(?:a?){99999}b", "{{last_message}}", "{{x}}", "/a"]
)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
FAULTS = st.sampled_from(
    ["rate_limit", "truncate", "malformed", "error_event", "failed_event", "empty", "no_usage"]
)
FAULT = st.fixed_dictionaries({"kind": FAULTS}, optional={"after_tokens": st.integers(-1, 9)})
LIKE = st.fixed_dictionaries({"like": WORDS})
RULE = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(MEMBERS, VALUES),
        "reply": WORDS | st.lists(WORDS, max_size=2) | st.dictionaries(WORDS, VALUES, max_size=2),
        "when": st.dictionaries(st.sampled_from(WHEN), VALUES, max_size=2),
        "call": st.dictionaries(WORDS, st.dictionaries(WORDS, VALUES, max_size=2), max_size=2),
        "fault": FAULT | VALUES,
        "embedding": VALUES | st.lists(st.integers(-9, 9), max_size=4) | LIKE,
        "image": WORDS | st.sampled_from(["a.png", "../a", "data:image/png;base64,AAAA"]),
        "transcript": WORDS,
        "recording": WORDS | st.sampled_from(["v1/a/b", "legacy/x.json", "v1/../a"]),
    },
)
DOCUMENT = st.fixed_dictionaries({"rules": st.lists(RULE, max_size=3)}) | VALUES


def request(method: str, path: str, body: Any) -> Request:
    headers = {"api-key": KEY}
    return Request(method, path, "", headers, msgspec.json.encode(body))


@settings(max_examples=150)
@given(document=DOCUMENT, streamed=st.booleans())
def test_it_is_refused_or_it_works(
    make_simulator: MakeSimulator, document: object, streamed: bool
) -> None:
    simulator = make_simulator()
    chat = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "Hi there, aaaaaaaaaaaaaaaaaaaaaaaa!"}],
        "stream": streamed,
        "max_tokens": 8,
    }

    calls = {
        "/openai/v1/chat/completions": chat,
        "/openai/v1/responses": {"model": "gpt-4o", "input": "Hi", "stream": streamed},
        "/openai/v1/completions": {"model": "gpt-35-turbo-instruct", "prompt": "Hi"},
        "/openai/v1/embeddings": {"model": "text-embedding-3-small", "input": "Hi"},
    }

    async def run() -> list[int]:
        put = await simulator(request("PUT", "/++/rules", document))
        asked = [
            (await simulator(request("POST", path, body))).status for path, body in calls.items()
        ]
        shown = await simulator(request("GET", "/++/rules", {}))
        return [put.status, shown.status, *asked]

    put, shown, *asked = asyncio.run(asyncio.wait_for(run(), 20))
    assert put in (200, 400)
    # 404: a rule may name a recording that is not there.
    assert set(asked) <= {200, 404, 429}
    assert shown == 200
