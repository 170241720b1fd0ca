"""The bytes of chat answers against recordings."""

import json
import random
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.models import find_model
from simulator.latency import AT_ONCE
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.stream import chat_chunks
from simulator.operations.chat.wire import (
    PROMPT_FILTER_EVENT,
    EventTemplate,
    answer_body,
    members_body,
)
from simulator.synthesis.drafts import Draft
from simulator.wire.obfuscation import Padding
from tests.wire.recorded import RecordedPadding, events_of, recorded, recorded_json

STREAM = recorded("chat_stream_2026-06.sse")
EVENTS = [json.loads(data) for data in events_of(STREAM) if data != b"[DONE]"]
STAMP = AnswerIdentity(
    "chatcmpl-DmfZu2BjJmBGSSHpj9hWtFQYBUxYn", 1780491942, find_model("gpt-5.2-2025-12-11")
)
# The model thought about it in the service's words: 24 tokens, one event for each but four.
USAGE = Usage(prompt=12, completion=24)
TIMES = EVENTS[-1]["latency_checkpoint"]
CHECKPOINT = json.dumps(TIMES, separators=(",", ":"))
LATENCY = f'"latency_checkpoint":{CHECKPOINT},'.encode()
TIER = b'"service_tier":"default",'
DRAFT = Draft(["Hi"], 1, "stop")
NEWEST = recorded_json("chat_members_2026-08.json")


def template(*, checked: bool = True) -> EventTemplate:
    paddings = [event["obfuscation"] for event in EVENTS[1:]]
    padding = RecordedPadding(paddings, checked=checked)
    return EventTemplate(STAMP, include_usage=True, padding=padding)


def test_a_recorded_stream_is_rebuilt_byte_for_byte() -> None:
    stream = template()
    contents = stream.contents(0)
    pieces = [event["choices"][0]["delta"]["content"] for event in EVENTS[2:-2]]
    rebuilt = [
        PROMPT_FILTER_EVENT,
        stream.role(0),
        *(contents.event(f'"content":{json.dumps(piece, ensure_ascii=False)}') for piece in pieces),
        stream.finish(0, "stop"),
        stream.usage(USAGE, CHECKPOINT),
        b"data: [DONE]\n\n",
    ]
    assert b"".join(rebuilt) == STREAM


def test_the_events_of_an_answer_come_in_the_recorded_order() -> None:
    pieces = [event["choices"][0]["delta"]["content"] for event in EVENTS[2:-2]]
    chunks = chat_chunks(
        template(checked=False),
        [Choice(Draft(pieces, 24, "stop"), "stop")],
        usage=USAGE,
        tempo=AT_ONCE,
    )
    made = list(events_of(b"".join(chunk.data for chunk in chunks)))
    expected = list(events_of(STREAM))
    assert made[:-2] == expected[:-2]
    assert made[-1] == b"[DONE]"
    assert list(json.loads(made[-2])) == list(EVENTS[-1])
    assert list(json.loads(made[-2])["latency_checkpoint"]) == list(TIMES)


@pytest.mark.parametrize(
    ("name", "model", "usage"),
    [
        ("chat_2026-03.json", "gpt-4.1-mini", Usage(prompt=16, completion=30)),
        (
            "chat_reasoning_2025-08.json",
            "gpt-5-nano",
            Usage(prompt=11, completion=203, reasoning=192),
        ),
    ],
)
def test_a_recorded_answer_is_rebuilt(name: str, model: str, usage: Usage) -> None:
    body = recorded_json(name)
    message = body["choices"][0]["message"]["content"]
    draft = Draft(
        [message], usage.completion - usage.reasoning, "stop", usage.reasoning, escapable=True
    )
    identity = AnswerIdentity(body["id"], body["created"], find_model(model))
    # The recording of 2025 has the two keys of its detections the other way round.
    expected = recorded(name).replace(
        b'{"filtered":false,"detected":false}', b'{"detected":false,"filtered":false}'
    )
    made = answer_body(identity, [Choice(draft, "stop")], usage, CHECKPOINT)
    # Since 2026-04 and 2026-08.
    assert made.count(TIER) == made.count(LATENCY) == 1
    assert made.replace(TIER, b"").replace(LATENCY, b"") == expected


def test_a_plain_answer_has_the_members_of_the_newest_era() -> None:
    identity = AnswerIdentity("chatcmpl-x", 1, find_model("gpt-5-nano"))
    body = json.loads(answer_body(identity, [Choice(DRAFT, "stop")], USAGE, CHECKPOINT))
    assert list(body) == NEWEST["answer"]
    assert body["service_tier"] == "default"
    assert list(body["usage"]) == NEWEST["usage"]
    assert list(body["usage"]["latency_checkpoint"]) == NEWEST["latency_checkpoint"]


@pytest.mark.parametrize(
    ("index", "order"), [((1,), [1, 0]), ((0, 2), [0, 2]), ((3, 5), [3, 5, 0])]
)
def test_a_prompt_with_images_has_their_results(index: tuple[int, ...], order: list[int]) -> None:
    identity = AnswerIdentity("chatcmpl-x", 1, find_model("gpt-4o"), images=index)
    body = json.loads(answer_body(identity, [Choice(DRAFT, "stop")], USAGE))
    stream = EventTemplate(identity, include_usage=False, padding=None)
    event = json.loads(stream.prompt_filter().removeprefix(b"data: "))
    assert event["prompt_filter_results"] == body["prompt_filter_results"]
    results = body["prompt_filter_results"]
    assert [result["prompt_index"] for result in results] == order
    for result in results:
        assert list(result) == ["prompt_index", "content_filter_result"]
        filtered = result["content_filter_result"]
        if result["prompt_index"] not in index:
            assert filtered == {}
            continue
        assert list(filtered) == NEWEST["image_results"]
        assert filtered["custom_blocklists"] == {"filtered": False, "details": []}


@pytest.mark.parametrize("text", ["<é>", "a <b> c", "->", "\N{GRINNING FACE} < 5"])
def test_angle_brackets_are_escaped_and_other_letters_are_not(text: str) -> None:
    written = json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
    draft = Draft([text], 1, "stop", escapable=True)
    made = answer_body(STAMP, [Choice(draft, "stop")], USAGE)
    assert f'"content":{written}'.encode() in made
    stream = EventTemplate(STAMP, include_usage=False, padding=Padding(random.Random(1)))
    chunks = chat_chunks(stream, [Choice(draft, "stop")], usage=None, tempo=AT_ONCE)
    data = [chunk.data for chunk in chunks]
    assert any(f'"content":{written}'.encode() in one for one in data)
    assert not any(letter in one for one in data for letter in (b"<", b">"))


@pytest.mark.parametrize("prompt", [1, 12, 345, 678_901])
@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-5.2", "gpt-35-turbo"])
def test_a_usage_chunk_is_one_more_than_a_multiple_of_16(model: str, prompt: int) -> None:
    identity = AnswerIdentity("chatcmpl-x", 1780491942, find_model(model))
    stream = EventTemplate(identity, include_usage=True, padding=Padding(random.Random(prompt)))
    event = stream.usage(Usage(prompt, 2), CHECKPOINT)
    assert len(event.removeprefix(b"data: ").removesuffix(b"\n\n")) % 16 == 1


@pytest.mark.parametrize("model", ["gpt-5.2", "gpt-4.1-mini", "gpt-4o", "gpt-35-turbo"])
@pytest.mark.parametrize("include_usage", [True, False])
@pytest.mark.parametrize("piece", ["", "a", " word", "\\n\\n", '\\"', "\N{GRINNING FACE}", "é"])
def test_the_padding_follows_the_measured_rule(model: str, include_usage: bool, piece: str) -> None:
    identity = AnswerIdentity("chatcmpl-x", 1780491942, find_model(model))
    stream = EventTemplate(
        identity, include_usage=include_usage, padding=Padding(random.Random(piece))
    )
    entry = f'"content":"{piece}"'
    for data in (
        stream.role(0),
        stream.contents(1).event(entry),
        stream.contents(10).event(entry, '{"content":[],"refusal":null}'),
        stream.finish(3, "length"),
    ):
        text = data.decode().removeprefix("data: ").removesuffix("\n\n")
        body = json.loads(text)
        del body["choices"][0]["content_filter_results"]
        shortened = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        assert len(shortened) % 16 == 1
        assert 4 <= len(body["obfuscation"]) <= 19
        assert body["obfuscation"].isalnum()


def test_without_obfuscation_an_event_has_no_padding() -> None:
    stream = EventTemplate(STAMP, include_usage=False, padding=None)
    events = (
        stream.role(0),
        stream.contents(0).event('"content":"a"'),
        stream.finish(0, "stop"),
        stream.usage(USAGE, CHECKPOINT),
    )
    for event in events:
        assert "obfuscation" not in json.loads(event.removeprefix(b"data: "))


@given(
    text=st.text(),
    usage=st.builds(Usage, *[st.integers(0, 10**6)] * 6),
    model=st.sampled_from(["gpt-4o", "gpt-5.2", "DeepSeek-V3.1"]),
    checkpoint=st.sampled_from([None, CHECKPOINT]),
    reason=st.sampled_from(["stop", "length"]),
)
def test_an_answer_that_is_laid_out_beforehand_has_the_bytes_of_one_that_is_encoded(
    text: str,
    usage: Usage,
    model: str,
    checkpoint: str | None,
    reason: Literal["stop", "length"],
) -> None:
    choice = Choice(Draft([text], 1, reason, escapable=True), reason)
    identity = AnswerIdentity("chatcmpl-x", 1780491942, find_model(model), "priority")
    expected = members_body(identity, [choice], usage, checkpoint)
    assert answer_body(identity, [choice], usage, checkpoint) == expected
