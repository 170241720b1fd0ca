"""The `contentFilter` of a deployment file: what it takes, and how mistakes are told."""

import json
from typing import Any

import pytest

from simulator.catalogue.content_filter import (
    LONGEST_NAME,
    LONGEST_WORD,
    MOST_LISTS,
    MOST_WORDS,
)
from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.catalogue.deployments import Deployment


def parsed(content_filter: Any) -> Deployment:
    entry = {"model": "gpt-4o", "contentFilter": content_filter}
    return parse_deployments(json.dumps({"chat": entry}), "FILE")["chat"]


def problem(content_filter: Any) -> str:
    with pytest.raises(DeploymentFileError) as caught:
        parsed(content_filter)
    return str(caught.value)


def test_a_whole_filter_is_read() -> None:
    document = {
        "mode": "async",
        "blocklists": {"mine": ["one", "two words"]},
        "annotateOnly": ["violence"],
        "rates": {"prompt": {"jailbreak": 0.5}, "completion": {"hate": 1}},
    }
    policy = parsed(document).content_filter
    assert policy is not None
    assert policy.members == document
    assert policy.mode == "async"
    assert policy.annotate_only == {"violence"}
    assert (policy.prompt_rates, policy.completion_rates) == ({"jailbreak": 0.5}, {"hate": 1.0})
    assert policy.blocklists.search("TWO words")[0] == (0, 9, "mine")


def test_without_one_there_is_none() -> None:
    assert parse_deployments('{"chat": {"model": "gpt-4o"}}', "FILE")["chat"].content_filter is None


@pytest.mark.parametrize(
    ("given", "place", "hint"),
    [
        ([], "contentFilter:", "expected an object"),
        ({"mood": "async"}, "contentFilter.mood:", "did you mean 'mode'?"),
        ({"mode": "asinc"}, "contentFilter.mode:", "did you mean 'async'?"),
        ({"mode": 1}, "contentFilter.mode:", "expected one of default, async"),
        ({"blocklists": ["x"]}, "contentFilter.blocklists:", "lists of words by name"),
        ({"blocklists": {"": ["x"]}}, "contentFilter.blocklists.:", "a list's name"),
        ({"blocklists": {"mine": "x"}}, "contentFilter.blocklists.mine:", "a list of words"),
        ({"blocklists": {"mine": [" "]}}, "contentFilter.blocklists.mine:", "a word is a text"),
        ({"annotateOnly": "hate"}, "contentFilter.annotateOnly:", "a list of categories"),
        ({"annotateOnly": ["violense"]}, "contentFilter.annotateOnly:", "did you mean 'violence'?"),
        ({"annotateOnly": [[]]}, "contentFilter.annotateOnly:", "expected one of"),
        ({"rates": {"promt": {}}}, "contentFilter.rates.promt:", "did you mean 'prompt'?"),
        (
            {"rates": {"prompt": {"jailbrake": 1}}},
            "contentFilter.rates.prompt.jailbrake:",
            "did you mean 'jailbreak'?",
        ),
        (
            {"rates": {"completion": {"jailbreak": 1}}},
            "contentFilter.rates.completion.jailbreak:",
            "in prompts alone",
        ),
        ({"rates": {"prompt": {"hate": 1.5}}}, "contentFilter.rates.prompt.hate:", "from 0 to 1"),
        (
            {"rates": {"prompt": {"custom_blocklists": 1}}},
            "contentFilter.rates.prompt.custom_blocklists:",
            "have no rate",
        ),
    ],
)
def test_a_mistake_is_reported_with_its_place(given: Any, place: str, hint: str) -> None:
    text = problem(given)
    assert place in text
    assert hint in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "blocklists",
    [
        {f"list{number}": ["x"] for number in range(MOST_LISTS + 1)},
        {"mine": [f"w{number}" for number in range(MOST_WORDS + 1)]},
        {"mine": ["x" * (LONGEST_WORD + 1)]},
        {"x" * (LONGEST_NAME + 1): ["x"]},
    ],
)
def test_blocklists_have_bounds(blocklists: Any) -> None:
    assert "contentFilter.blocklists" in problem({"blocklists": blocklists})
