"""The names in a PATCH, as people write them."""

import json

import pytest

from simulator.configuration.overrides.document import read_patch
from simulator.errors import InvalidRequest


@pytest.mark.parametrize(
    ("patch", "meant"),
    [
        ({"simulator_mod": "replay"}, "Did you mean 'simulator_mode'?"),
        ({"latency": {"open_ai_embedding": {}}}, "Did you mean 'latency.open_ai_embeddings'?"),
        ({"replay": {"sped": 2}}, "Did you mean 'replay.speed'?"),
        (
            {"openai_deployments": {"chat": {"token_per_minute": 1}}},
            "Did you mean 'openai_deployments.chat.tokens_per_minute'?",
        ),
    ],
)
def test_a_slip_is_named_with_what_was_meant(patch: object, meant: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_patch(json.dumps(patch).encode())
    assert meant in str(refused.value)


@pytest.mark.parametrize(
    ("body", "most"),
    [
        ({f"unknown{number}": 1 for number in range(1_001)}, "1000 members in the body"),
        ({"latency": {f"a{number}": 1 for number in range(1_001)}}, "1000 members in latency"),
        (
            {"openai_deployments": {f"a{number}": None for number in range(10_001)}},
            "10000 members in openai_deployments",
        ),
    ],
)
def test_the_number_of_members_that_are_looked_up_is_bounded(
    body: dict[str, object], most: str
) -> None:
    with pytest.raises(InvalidRequest, match=f"more than {most}"):
        read_patch(json.dumps(body).encode())
