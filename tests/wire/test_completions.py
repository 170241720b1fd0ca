"""The bytes of completions answers against a recording."""

import json
import random

from simulator.latency import AT_ONCE
from simulator.messages import Usage
from simulator.operations.completions.wire import CompletionIdentity, Text, answer_body, chunks_of
from simulator.synthesis.drafts import Draft
from tests.wire.recorded import events_of, recorded, recorded_json

NAME = "completions_2023.json"
HARMS = ["hate", "self_harm", "sexual", "violence"]


def test_a_recorded_answer_is_rebuilt() -> None:
    body = recorded_json(NAME)
    identity = CompletionIdentity(body["id"], body["created"], "gpt-35-turbo", prompts=1)
    text = Text("", Draft([body["choices"][0]["text"]], 20, "length"))
    made = answer_body(identity, [text], None, random.Random(0), Usage(prompt=16, completion=20))
    assert made == recorded(NAME)


def test_a_finish_chunk_has_no_results() -> None:
    # Recorded 2025-03.
    identity = CompletionIdentity("cmpl-x", 1, "gpt-3.5-turbo-instruct", prompts=2)
    texts = [Text("", Draft(["a", "b"], 2, "stop")) for _ in range(2)]
    chunks = chunks_of(identity, texts, None, random.Random(0), None, AT_ONCE)
    events = [
        json.loads(data)
        for data in events_of(b"".join(one.data for one in chunks))
        if data != b"[DONE]"
    ]
    choices = [choice for event in events for choice in event["choices"]]
    for choice in choices:
        finished = choice["finish_reason"] is not None
        assert (choice["content_filter_results"] == {}) is finished
    first = events[0]["prompt_filter_results"]
    assert [list(one["content_filter_results"]) for one in first] == [HARMS, HARMS]
