"""The table of capabilities, read off over the whole product of models and what they may take."""

import pytest

from simulator.catalogue.capabilities import capabilities_of, effort_of, unknown_to
from simulator.catalogue.models import Model, all_models, find_model

EFFORTS = {
    "o1": "low medium high",
    "o3-mini": "low medium high",
    "o4-mini": "low medium high",
    "o1-mini": "",
    "gpt-4o": "",
    "gpt-5": "minimal low medium high",
    "gpt-5-nano": "minimal low medium high",
    "gpt-5-codex": "low medium high",
    "gpt-5-pro": "high",
    "gpt-5-chat": "",
    "gpt-5.1": "none low medium high",
    "gpt-5.1-chat": "medium",
    "gpt-5.1-codex": "low medium high",
    "gpt-5.1-codex-max": "low medium high xhigh",
    "gpt-5.2": "none low medium high xhigh",
    "gpt-5.2-chat": "medium",
    "gpt-5.3-codex": "low medium high xhigh",
    "gpt-5.4-mini": "none low medium high xhigh",
    "gpt-5.4-pro": "medium high xhigh",
    "gpt-5.5": "none low medium high xhigh",
    "gpt-5.6-sol": "none low medium high xhigh max",
    "gpt-5.6-luna": "none low medium high xhigh max",
    "gpt-6-astra": "low medium high xhigh max",
    "gpt-6.1-sol": "low medium high xhigh max",
}


@pytest.mark.parametrize(("name", "efforts"), EFFORTS.items())
def test_a_model_has_the_efforts_of_its_kind(name: str, efforts: str) -> None:
    assert capabilities_of(find_model(name)).efforts == tuple(efforts.split())


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        ("gpt-4o", None),
        ("o3", "medium"),
        ("gpt-5", "medium"),
        ("gpt-5-pro", "high"),
        ("gpt-5.1", "none"),
        ("gpt-5.2-chat", "medium"),
        ("gpt-5.4", "none"),
        ("gpt-5.5", "medium"),
    ],
)
def test_the_default_effort_is_the_recorded_one(name: str, effort: str | None) -> None:
    assert effort_of(None, find_model(name)) == effort


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.wire_name)
def test_no_row_contradicts_another(model: Model) -> None:
    found = capabilities_of(model)
    assert bool(found.default_effort) == model.reasoning
    assert not found.efforts or found.default_effort in found.efforts
    assert found.efforts == () or model.reasoning
    assert found.sampling == (model.temperature_rule == "free" or "none" in found.efforts)
    assert found.streams == (model.name not in ("o1", "o1-preview", "o1-mini"))
    assert found.instructions == (model.name not in ("o1-preview", "o1-mini"))
    assert (found.since is not None) == (model.name in ("o1", "o3-mini"))
    if model.name.startswith(("gpt-4.1", "gpt-5", "gpt-6", "o")):
        assert found.dotted_names


@pytest.mark.parametrize("name", ["gpt-6-sol", "gpt-6-luna", "gpt-6-astra", "gpt-6.1-sol"])
def test_of_gpt_6_sol_and_luna_alone_can_leave_off_thinking(name: str) -> None:
    """LiteLLM's table of November 2026, whose rows of the others follow refusals on Azure."""
    efforts = capabilities_of(find_model(name)).efforts
    assert efforts[efforts.index("low") :] == ("low", "medium", "high", "xhigh", "max")
    assert ("none" in efforts) == (name in ("gpt-6-sol", "gpt-6-luna"))


def test_a_model_newer_than_the_table_is_taken_for_the_newest_of_its_family() -> None:
    newer = Model(name="gpt-7", version="2027-01-01", capabilities=frozenset(), reasoning=True)
    assert capabilities_of(newer).efforts == capabilities_of(find_model("gpt-6.1-sol")).efforts


@pytest.mark.parametrize(
    ("version", "unknown"),
    [
        ("2023-05-15", ["max_completion_tokens", "stream_options", "tools"]),
        ("2024-08-01-preview", ["max_completion_tokens", "stream_options"]),
        ("2024-09-01-preview", []),
        ("2024-10-21", []),
        ("", []),
    ],
)
def test_an_older_api_version_does_not_know_newer_parameters(
    version: str, unknown: list[str]
) -> None:
    names = ["max_completion_tokens", "stream_options", "tools"]
    assert unknown_to(version, names) == unknown
