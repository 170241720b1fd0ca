import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.deployments import (
    MAX_NAME_LENGTH,
    Deployment,
    Deployments,
    default_deployments,
    guess_model,
    of_other_maker,
    standard_deployment,
)
from simulator.catalogue.models import find_model


@pytest.mark.parametrize(
    ("name", "model", "tokens_per_minute", "requests_per_minute"),
    [
        ("embedding", "text-embedding-ada-002", 20_000, 120),
        ("gpt-35-turbo-1k-token", "gpt-35-turbo", 1_000, 6),
        ("gpt-35-turbo-2k-token", "gpt-35-turbo", 2_000, 12),
        ("gpt-35-turbo-5k-token", "gpt-35-turbo", 5_000, 30),
        ("gpt-35-turbo-10k-token", "gpt-35-turbo", 10_000, 60),
        ("gpt-35-turbo-20k-token", "gpt-35-turbo", 20_000, 120),
        ("gpt-35-turbo-50k-token", "gpt-35-turbo", 50_000, 300),
        ("gpt-35-turbo-100k-token", "gpt-35-turbo", 100_000, 600),
        ("gpt-35-turbo-100m-token", "gpt-35-turbo", 100_000_000, 600_000),
        ("whisper", "whisper", None, 1_000),
        ("gpt-5-mini", "gpt-5-mini", None, None),
        ("dall-e-3", "dall-e-3", None, 1_000),
    ],
)
def test_the_default_deployments_have_the_limits_of_the_predecessor_and_the_real_service(
    name: str, model: str, tokens_per_minute: int | None, requests_per_minute: int | None
):
    deployment = default_deployments()[name]
    assert deployment.model.name == model
    assert deployment.tokens_per_minute == tokens_per_minute
    assert deployment.requests_per_minute == requests_per_minute


def test_default_deployments_are_found_under_their_own_names():
    assert all(name == deployment.name for name, deployment in default_deployments().items())


def test_an_embedding_deployment_has_its_models_size():
    deployment = standard_deployment("e", find_model("text-embedding-3-large"), None)
    assert deployment.embedding_size == 3072


@pytest.mark.parametrize(
    ("sku", "provisioned"),
    [
        ("Standard", False),
        ("GlobalStandard", False),
        ("ProvisionedManaged", True),
        ("DataZoneProvisionedManaged", True),
    ],
)
def test_the_sku_says_whether_a_deployment_is_provisioned(sku: str, provisioned: bool):
    assert Deployment("d", find_model("gpt-4o"), sku=sku).provisioned is provisioned


@pytest.mark.parametrize(
    ("limits", "limited"),
    [
        ({}, False),
        ({"tokens_per_minute": 0}, True),
        ({"requests_per_minute": 5}, True),
        ({"ptu": 15}, True),
    ],
)
def test_a_deployment_with_any_limit_is_limited(limits: dict[str, Any], limited: bool):
    assert Deployment("d", find_model("gpt-4o"), **limits).limited is limited


@pytest.mark.parametrize(
    ("model", "sku", "window"),
    [
        ("gpt-4.1", "Standard", 1_047_576),
        ("gpt-4.1", "GlobalProvisionedManaged", 128_000),
        ("gpt-5", "GlobalProvisionedManaged", 400_000),
    ],
)
def test_a_provisioned_deployment_may_have_a_smaller_window(model: str, sku: str, window: int):
    assert Deployment("d", find_model(model), sku=sku).context_window == window


def test_a_known_deployment_is_found():
    known = {"mine": Deployment("mine", find_model("gpt-4"))}
    assert Deployments(known).get("mine") is known["mine"]


def test_without_a_file_the_default_deployments_are_known():
    assert Deployments().known == default_deployments()


def test_an_undefined_deployment_has_no_limits():
    deployment = Deployments({}).get("my-gpt-4o-mini-eu")
    expected = Deployment("my-gpt-4o-mini-eu", find_model("gpt-4o-mini"), undefined=True)
    assert deployment == expected


def test_an_undefined_embedding_deployment_has_its_models_size():
    deployment = Deployments({}).get("text-embedding-3-large")
    assert deployment is not None
    assert deployment.embedding_size == 3072


def test_undefined_deployments_may_be_forbidden():
    assert Deployments({}, allow_undefined=False).get("gpt-4o") is None


@pytest.mark.parametrize("name", ["", "x" * (MAX_NAME_LENGTH + 1)])
def test_a_name_that_no_deployment_can_have_is_not_found(name: str):
    assert Deployments({}).get(name) is None


def test_a_flood_of_names_keeps_a_bounded_number_of_deployments():
    deployments = Deployments({})
    first = deployments.get("name-0")
    for number in range(1, 1100):
        deployments.get(f"name-{number}")
    assert deployments.get("name-0") is not first


@pytest.mark.parametrize(
    ("name", "model", "version"),
    [
        ("gpt-4o", "gpt-4o", "2024-11-20"),
        ("my-gpt-4o-mini-eu", "gpt-4o-mini", "2024-07-18"),
        ("GPT-4.1-Mini", "gpt-4.1-mini", "2025-04-14"),
        ("gpt-41-mini", "gpt-4.1-mini", "2025-04-14"),
        ("gpt-4-1-nano", "gpt-4.1-nano", "2025-04-14"),
        ("gpt4o", "gpt-4o", "2024-11-20"),
        ("gpt-4-0613", "gpt-4", "0613"),
        ("gpt-4-1106-preview", "gpt-4", "1106-Preview"),
        ("gpt-4o-2024-08-06", "gpt-4o", "2024-08-06"),
        ("gpt-5-2025-08-07", "gpt-5", "2025-08-07"),
        ("gpt-3.5-turbo", "gpt-35-turbo", "0125"),
        ("prod_gpt35turbo", "gpt-35-turbo", "0125"),
        ("gpt-35-turbo-16k", "gpt-35-turbo-16k", "0613"),
        ("team-o1", "o1", "2024-12-17"),
        ("demo1", "gpt-4o", "2024-11-20"),
        ("my-embeddings", "text-embedding-ada-002", "2"),
        ("text-embedding-3-small-eu", "text-embedding-3-small", "1"),
        ("dalle3", "dall-e-3", "3.0"),
        ("whisper-1", "whisper", "001"),
        ("tts-hd", "tts-hd", "001"),
        ("chat", "gpt-4o", "2024-11-20"),
    ],
)
def test_an_undefined_deployments_name_suggests_its_model(name: str, model: str, version: str):
    guess = guess_model(name)
    assert (guess.name, guess.version) == (model, version)


@given(st.text(min_size=1, max_size=MAX_NAME_LENGTH))
def test_any_name_is_served_by_some_model_unless_it_is_another_makers(name: str):
    deployment = Deployments({}).get(name)
    assert (None if of_other_maker(name) else name) == (deployment and deployment.name)


@pytest.mark.parametrize(
    "name",
    ["grok-3", "DeepSeek-R1", "Llama-3.3-70B-Instruct", "Mistral-Large", "Phi-4", "cohere-embed"],
)
def test_a_model_of_another_maker_is_not_guessed(name: str) -> None:
    assert Deployments().get(name) is None


def test_a_model_of_another_maker_that_is_defined_is_served() -> None:
    defined = Deployment("grok-3", find_model("gpt-4o"))
    assert Deployments({"grok-3": defined}).get("grok-3") is defined


def test_a_guess_is_logged_once_for_each_name(caplog: pytest.LogCaptureFixture) -> None:
    deployments = Deployments()
    for name in ("gtp-4o", "gtp-4o", "mine"):
        deployments.get(name)
    assert [record.getMessage() for record in caplog.records] == [
        "the deployment 'gtp-4o' is not defined; it is served as gpt-4o",
        "the deployment 'mine' is not defined; it is served as gpt-4o",
    ]


def test_without_limits_no_default_deployment_has_one() -> None:
    limits = {
        (found.tokens_per_minute, found.requests_per_minute)
        for found in default_deployments(limited=False).values()
    }
    assert limits == {(None, None)}


@pytest.fixture
def spilling() -> Deployments:
    model = find_model("gpt-4o")
    own = ("own", Deployment("own", model))
    other = ("other", Deployment("other", model))
    ptu = Deployment("ptu", model, sku="ProvisionedManaged", ptu=50, spillover_deployment="own")
    bare = dataclasses.replace(ptu, name="bare", spillover_deployment=None)
    known: dict[str, Deployment] = dict([own, other, ("ptu", ptu), ("bare", bare)])
    return Deployments(known, allow_undefined=False)


@pytest.mark.parametrize(
    ("deployment", "requested", "target"),
    [
        ("ptu", None, "own"),
        ("ptu", "other", "own"),
        ("ptu", "nowhere", "own"),
        ("bare", None, None),
        ("bare", "other", "other"),
        ("bare", "nowhere", None),
        ("bare", "ptu", None),
        ("own", "other", None),
    ],
)
def test_a_provisioned_deployment_spills_over_to_a_standard_one(
    spilling: Deployments, deployment: str, requested: str | None, target: str | None
) -> None:
    found = spilling.spillover(spilling.known[deployment], requested)
    assert (found and found.name) == target
