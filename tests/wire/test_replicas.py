"""Answers of chat that name the replica that made them, as those of models since 2026-09 do."""

import json
import random
import re

import pytest

from simulator.catalogue.models import find_model
from simulator.latency import AT_ONCE
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.stream import chat_chunks, checkpoint_of
from simulator.operations.chat.wire import EventTemplate, answer_body, members_body
from simulator.synthesis.drafts import Draft
from simulator.wire.obfuscation import Padding

DRAFT = Draft(["Hello", "!"], 5, "stop")
USAGE = Usage(prompt=19, completion=5, written=0)
REPLICA = re.compile(r"d20\d{12}-[0-9a-f]{8}-prefill-r\d+-dp0-prefill")
MEMBERS = [
    "choices",
    "created",
    "id",
    "model",
    "object",
    "prompt_filter_results",
    "routing",
    "service_tier",
    "system_fingerprint",
    "usage",
]
TIMES = [
    "engine_tbt_ms",
    "engine_ttft_ms",
    "engine_ttlt_ms",
    "pre_inference_ms",
    "service_tbt_ms",
    "service_ttft_ms",
    "service_ttlt_ms",
    "user_visible_ttft_ms",
]


def _identity(name: str) -> AnswerIdentity:
    return AnswerIdentity("chatcmpl-x", 1_791_231_869, find_model(name))


@pytest.mark.parametrize("name", ["gpt-6-luna", "gpt-6.1-sol"])
def test_a_plain_answer_names_its_replica(name: str) -> None:
    """Two answers that LiteLLM's tests on translations quote, 2026-10-06."""
    identity, choices = _identity(name), [Choice(DRAFT, "stop")]
    made = answer_body(identity, choices, USAGE, checkpoint_of([DRAFT], AT_ONCE))
    body = json.loads(made)
    assert list(body) == MEMBERS
    assert list(body["routing"]) == ["serving_pipereplica"]
    assert REPLICA.fullmatch(body["routing"]["serving_pipereplica"])
    assert body["system_fingerprint"] is None
    assert list(body["usage"]["latency_checkpoint"]) == TIMES
    whole = json.loads(members_body(identity, choices, USAGE))
    assert (list(whole), whole["routing"]) == (MEMBERS, body["routing"])


def test_a_stream_names_it_in_the_chunk_of_the_usage_alone() -> None:
    """A stream of gpt-4.1-mini, Japan East, 2026-09-01, whose usage chunk has 769 bytes."""
    template = EventTemplate(
        _identity("gpt-6-luna"), include_usage=True, padding=Padding(random.Random(1))
    )
    chunks = chat_chunks(template, [Choice(DRAFT, "stop")], usage=USAGE, tempo=AT_ONCE)
    events = b"".join(chunk.data for chunk in chunks).split(b"\n\n")
    assert sum(b"routing" in event for event in events) == 1
    last = events[-3].removeprefix(b"data: ")
    body = json.loads(last)
    assert list(body) == [
        "choices",
        "created",
        "id",
        "latency_checkpoint",
        "model",
        "obfuscation",
        "object",
        "routing",
        "service_tier",
        "system_fingerprint",
        "usage",
    ]
    assert list(body["latency_checkpoint"]) == TIMES
    assert len(last) % 16 == 1


@pytest.mark.parametrize("name", ["gpt-4o", "gpt-5.6-sol"])
def test_models_that_were_recorded_before_do_not(name: str) -> None:
    identity, choices = _identity(name), [Choice(DRAFT, "stop")]
    made = answer_body(identity, choices, USAGE, checkpoint_of([DRAFT], AT_ONCE))
    assert b"routing" not in made
    assert b"total_duration_ms" in made
