"""The bytes of completions answers against a recording."""

import random

from simulator.messages import Usage
from simulator.operations.completions.wire import CompletionIdentity, Text, answer_body
from simulator.synthesis.drafts import Draft
from tests.wire.recorded import recorded, recorded_json

NAME = "completions_2023.json"
# Since 2024 the real service looks for jailbreaks too (recorded in chat).
JAILBREAK = b'"jailbreak":{"detected":false,"filtered":false},'


def test_a_recorded_answer_is_rebuilt_but_for_the_newer_filter() -> None:
    body = recorded_json(NAME)
    identity = CompletionIdentity(body["id"], body["created"], "gpt-35-turbo", prompts=1)
    text = Text("", Draft([body["choices"][0]["text"]], 20, "length"))
    made = answer_body(identity, [text], None, random.Random(0), Usage(prompt=16, completion=20))
    assert JAILBREAK in made
    assert made.replace(JAILBREAK, b"") == recorded(NAME)
