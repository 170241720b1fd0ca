"""No document of rules, however odd, makes the simulator fail or hang."""

import asyncio
import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.app import Simulator
from simulator.errors import InvalidRequest
from simulator.messages import Request
from simulator.rules.document import read_rules
from simulator.rules.fields import FaultKind
from tests.conftest import KEY, MakeSimulator
from tests.rules.golden import form
from tests.rules.test_actions import png
from tests.support.audio_files import silence

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
# What takes its time takes none here.
_AT_ONCE = {"stall": {"seconds": 0}, "hang": {"seconds": 0}, "slow": {"token_ms": 0}}
FAULT = st.builds(
    lambda kind, odd: {"kind": kind, **odd, **_AT_ONCE.get(kind, {})},
    st.sampled_from(get_args(FaultKind)),
    st.dictionaries(
        st.sampled_from(["after_tokens", "after_events", "retry_after", "charged"]),
        st.integers(-1, 9) | st.booleans(),
        max_size=1,
    ),
)
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


def some(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these members."""
    return st.fixed_dictionaries({}, optional=optional)


def one(**required: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """All of these members."""
    return st.fixed_dictionaries(required)


# Rules that are mostly right: what they name may be anything.
SAID = st.sampled_from(
    ["", "Hi", "{{last_message}}", "{{body./model}} é", "\x00", "{{header.x-a}}", "a" * 3000]
)
NAMED = st.sampled_from(["Hi", "aaa", "gpt-4o", "*", "\U0001f600", "x" * 900])
COMPARED = st.dictionaries(st.sampled_from(["", "/model", "/messages/0", "/~1/-1"]), VALUES)
EXPRESSION = st.sampled_from(["(a|a)*$", "(?i)h", "(?:a?){99}b", "^(a+)+b", ".*", r"\bHi\b"])
CONDITIONS = some(
    operation=st.sampled_from(["chat_completions", "audio_speech", ["responses", "unknown"]]),
    deployment=NAMED,
    model=NAMED | st.lists(NAMED, min_size=1, max_size=2),
    path=st.sampled_from(["*", "/openai/*", "*/chat/*", "/openai/v1/responses"]),
    header=st.dictionaries(st.sampled_from(["api-key", "x-a"]), VALUES, max_size=1),
    body=COMPARED,
    contains=NAMED,
    matches=EXPRESSION,
    any_message=some(contains=NAMED, matches=EXPRESSION),
    tool=NAMED,
    stream=st.booleans(),
)
WHENS = st.just({}) | st.just({}) | CONDITIONS
CALLED = st.dictionaries(NAMED.filter(lambda name: len(name) < 80), SAID | COMPARED, min_size=1)
FOUND = st.sampled_from([{"hate": "low"}, {"jailbreak": True}, {"custom_blocklists": ["a"]}])
CUT = st.sampled_from([{"pii": True, "at": "Hi"}, {"hate": True, "after_tokens": 3}])
DOES = (
    one(reply=SAID | st.lists(SAID, min_size=1, max_size=3) | COMPARED)
    | one(reply=st.lists(SAID, min_size=1, max_size=2), then=st.sampled_from(["pass", "repeat"]))
    | one(reply=SAID, filter=one(completion=CUT), latency=one(factor=st.just(2)))
    | one(call=CALLED | st.lists(CALLED, min_size=1, max_size=2))
    | one(fault=FAULT)
    | one(fault=FAULT)
    | one(filter=one(prompt=FOUND) | one(completion=CUT) | one(annotate=one(prompt=FOUND)))
    | one(latency=one(first_token_ms=st.integers(0, 3)))
    | one(embedding=st.lists(st.floats(-9, 9), min_size=1, max_size=4) | LIKE)
    | one(image=st.sampled_from(["a.png", "data:image/png;base64,AAAA"]))
    | one(transcript=SAID)
    | one(recording=st.sampled_from(["v1/a/b", "legacy/x.json"]))
)
OPTIONS = some(
    times=st.integers(1, 2), skip=st.integers(0, 1), probability=st.floats(0, 1), ttl=st.just(9)
)
LIKELY = st.builds(lambda when, does, how: {"when": when, **does, **how}, WHENS, DOES, OPTIONS)
DOCUMENT = (
    one(rules=st.lists(LIKELY, max_size=4))
    | st.fixed_dictionaries({"rules": st.lists(RULE, max_size=3)})
    | VALUES
)


CHAT = {
    "model": "gpt-4o",
    "messages": [{"role": "user", "content": "Hi there, aaaaaaaaaaaaaaaaaaaaaaaa!"}],
    "max_tokens": 8,
}
STREAM = {"stream": True}
IMAGE: dict[str, str] = {"model": "gpt-image-1", "prompt": "Hi", "output_format": "jpeg"}
SPEECH = {"model": "gpt-4o-mini-tts", "input": "Hi", "voice": "alloy"}
TEXTS: tuple[tuple[str, Any], ...] = (
    ("chat/completions", CHAT),
    ("chat/completions", {**CHAT, **STREAM}),
    ("responses", {"model": "gpt-4o", "input": "Hi"}),
    ("responses", {"model": "gpt-4o", "input": [{"role": "user", "content": "Hi"}], **STREAM}),
    ("completions", {"model": "gpt-35-turbo-instruct", "prompt": "Hi"}),
    ("embeddings", {"model": "text-embedding-3-small", "input": "Hi"}),
    ("nothing", {}),
)
MEDIA: tuple[tuple[str, Any], ...] = (
    ("images/generations", IMAGE),
    ("images/edits", form(png(), "image", "image/png", **IMAGE)),
    ("audio/speech", {**SPEECH, "response_format": "pcm"}),
    ("audio/speech", {**SPEECH, "response_format": "wav", "stream_format": "sse"}),
    ("audio/transcriptions", form(silence(1), model="whisper", prompt="Hi")),
    ("audio/transcriptions", form(silence(1), model="gpt-4o-transcribe", stream="true")),
    ("audio/translations", form(silence(1), model="whisper", response_format="srt")),
)
TEXT_AT = st.integers(0, len(TEXTS) - 1)
MEDIA_AT = st.integers(0, len(MEDIA) - 1)
ALL = (*TEXTS, *MEDIA)


@pytest.fixture(scope="module")
def simulator(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator(latency=0.0, default_deployment_limits=False)


async def status_of(simulator: Simulator, path: str, body: Any, rule: object = None) -> int:
    """The status of an answer that was read to its end; 200 for what a rule refuses or breaks."""
    headers = {"api-key": KEY, "content-type": "application/json"}
    if isinstance(body, bytes):
        headers["content-type"] = "multipart/form-data; boundary=B"
    if rule is not None:
        headers["x-simulator-rule"] = json.dumps(rule)
    data = body if isinstance(body, bytes) else msgspec.json.encode(body)
    answer = await simulator(Request("POST", f"/openai/v1/{path}", "", headers, data))
    if not isinstance(answer.body, bytes):
        async for _ in answer.body:
            pass
    hint = answer.headers.get("x-simulator-hint", "")
    decided = " has the fault " in hint or hint.startswith("the content filter blocked the ")
    return 200 if decided or answer.breakage is not None else answer.status


async def managed(simulator: Simulator, method: str, document: object) -> int:
    data = msgspec.json.encode(document)
    answer = await simulator(Request(method, "/++/rules", "", {"api-key": KEY}, data))
    return answer.status


@settings(max_examples=100)
@given(document=DOCUMENT, text=TEXT_AT, media=MEDIA_AT)
def test_it_is_refused_or_it_works(
    simulator: Simulator, document: object, text: int, media: int
) -> None:
    async def run() -> tuple[int, int, list[int]]:
        put = await managed(simulator, "PUT", document)
        asked = [await status_of(simulator, *one) for one in (TEXTS[text], MEDIA[media])]
        shown = await managed(simulator, "GET", {})
        await managed(simulator, "DELETE", {})
        return put, shown, asked

    put, shown, asked = asyncio.run(asyncio.wait_for(run(), 60))
    assert put in (200, 400)
    # 404: a rule may name a recording that is not there, and one path is that of no operation.
    assert set(asked) <= {200, 404}
    assert shown == 200


@settings(max_examples=80)
@given(rule=DOES | st.lists(DOES, max_size=2) | RULE | VALUES, at=st.integers(0, len(ALL) - 1))
def test_a_header_is_refused_or_it_works(simulator: Simulator, rule: object, at: int) -> None:
    status = asyncio.run(asyncio.wait_for(status_of(simulator, *ALL[at], rule), 60))
    assert status in {200, 400, 404}


@pytest.mark.parametrize("test", ["matches", "any_message"])
def test_regular_expressions_of_all_rules_have_a_bound_together(test: str) -> None:
    patterns: Any = ["a" * 1_000] * 50
    when = {test: patterns if test == "matches" else {"matches": patterns}}
    rules = [{"when": when, "reply": "b"}] * 2
    assert len(read_rules(rules)) == 2
    with pytest.raises(InvalidRequest, match="more than 100000 characters"):
        read_rules([*rules, {"when": {"matches": "a"}, "reply": "b"}])
