"""The shapes of chat answers, over a socket, against recordings of 2024 to 2026."""

from typing import Any

import httpx2
import pytest

from tests.wire.recorded import recorded_json

ANSWERS = recorded_json("chat_answers.json")
# Members that the real service has had since an older recording; the simulator's era is the newest.
LATER = {
    "annotations",
    "completion_tokens_details",
    "jailbreak",
    "latency_checkpoint",
    "prompt_tokens_details",
    "protected_material_code",
    "protected_material_text",
    "refusal",
    "service_tier",
}
# What all recordings of 2026-04 and later have, and none before.
NEWEST_MEMBERS = {"latency_checkpoint", "service_tier"}
NEWEST = "2025-10"


def paths(value: Any, place: str = "") -> dict[str, str]:
    """The type at each place of a body, in the order of the body."""
    if isinstance(value, dict):
        found = {place: "object"}
        for name, inner in value.items():
            found |= paths(inner, f"{place}.{name}")
        return found
    if isinstance(value, list):
        found = {place: "array"}
        for inner in value:
            found |= paths(inner, f"{place}[]")
        return found
    return {place: type(value).__name__}


@pytest.fixture(params=ANSWERS, ids=lambda answer: f"{answer['recorded']} {answer['deployment']}")
def recording(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def made(http: httpx2.Client, recording: Any) -> Any:
    path = f"/openai/deployments/{recording['deployment']}/chat/completions?{recording['query']}"
    return http.post(path, json=recording["request"]).json()


def test_an_answer_has_the_recorded_members_types_and_order(recording: Any, made: Any) -> None:
    expected, found = paths(recording["response"]), paths(made)
    newer = {place for place in found if LATER & set(place.split("."))}
    if recording["recorded"] >= NEWEST:
        newer = {place for place in found if NEWEST_MEMBERS & set(place.split("."))}
    # The two members of a detection were the other way round at times, until 2026.
    same = [(place, kind) for place, kind in found.items() if place not in newer - expected.keys()]
    if recording["recorded"] < "2024-12":  # The fingerprint is never null from then on.
        expected[".system_fingerprint"] = "str"
    assert sorted(same) == sorted(expected.items())
    if recording["sorted"]:  # by its recorder
        return
    members = [place for place, _ in same if not place.endswith((".filtered", ".detected"))]
    assert members == [place for place in expected if place in members]


def test_the_prompt_counts_as_many_tokens_as_recorded(recording: Any, made: Any) -> None:
    usage = recording["response"]["usage"]
    assert made["usage"]["prompt_tokens"] == usage["prompt_tokens"]
    assert made["model"] == recording["response"]["model"]
