import json

import pytest

from simulator.catalogue.models import find_model
from simulator.wire.content_filter import (
    COMPLETION_RESULTS,
    PROMPT_FILTER_RESULTS,
    TEXT_RESULTS,
    streamed_results,
    text_prompt_filter_results,
)

HARMS = ["hate", "self_harm", "sexual", "violence"]


def test_a_chat_has_the_results_of_its_prompt() -> None:
    (result,) = json.loads(bytes(PROMPT_FILTER_RESULTS))
    assert result["prompt_index"] == 0
    assert set(result["content_filter_results"]) == {*HARMS, "jailbreak"}


def test_each_prompt_of_completions_has_its_results() -> None:
    results = json.loads(bytes(text_prompt_filter_results(3)))
    assert [result["prompt_index"] for result in results] == [0, 1, 2]
    assert all([*result["content_filter_results"]] == HARMS for result in results)


@pytest.mark.parametrize("results", [COMPLETION_RESULTS, TEXT_RESULTS])
def test_nothing_is_filtered(results: bytes) -> None:
    assert not any(result["filtered"] for result in json.loads(bytes(results)).values())


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("gpt-5.2", ["protected_material_text"]),
        (
            "gpt-4.1-mini",
            sorted([*HARMS, "protected_material_code", "protected_material_text"]),
        ),
    ],
)
def test_a_streamed_chunk_has_the_results_recorded_of_its_family(
    model: str, names: list[str]
) -> None:
    assert list(json.loads(bytes(streamed_results(find_model(model).name)))) == names
