"""Latency by model and deployment: the profiles, and what goes above them."""

import random
from typing import Any

import pytest

from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.latency_fields import read_latency
from simulator.catalogue.latency_table import (
    LatencyTable,
    ProfileError,
    read_profile,
    realistic,
)
from simulator.catalogue.models import all_models, find_model, other_models
from simulator.latency import AT_ONCE, Demand, Profile, Spread, Tempo

CHAT = {"chat_completions": Profile(Spread(20))}
REALISTIC = realistic()


def deployment(model: str = "gpt-4.1", **members: Any) -> Deployment:
    return Deployment("chat", find_model(model), **members)


def median(table: LatencyTable, of: Deployment, demand: Demand | None = None) -> Tempo:
    rng = random.Random(3)
    drawn = [table.draw("chat_completions", of, demand or Demand(), rng) for _ in range(2_001)]
    firsts = sorted(one.first for one in drawn)
    betweens = sorted(one.between for one in drawn)
    return Tempo(firsts[1_000], betweens[1_000])


def test_classic_is_what_the_operation_has() -> None:
    table = LatencyTable(CHAT)
    assert table.draw("chat_completions", deployment(), Demand(), random.Random()) == Tempo(
        0.02, 0.02
    )
    assert table.draw("models", None, Demand(), random.Random()) == AT_ONCE


def test_every_model_has_a_realistic_latency() -> None:
    known = {model.name for model in (*all_models(), *other_models())}
    assert known - set(REALISTIC.models) == set()


def test_models_differ_as_they_do() -> None:
    table = LatencyTable(CHAT, REALISTIC)
    nano, o3, pro = (median(table, deployment(name)) for name in ("gpt-4.1-nano", "o3", "o3-pro"))
    assert nano.between < o3.between < pro.between
    assert median(table, deployment("gpt-4o")).first == pytest.approx(1.03, rel=0.1)


def test_a_long_prompt_takes_longer() -> None:
    table = LatencyTable(CHAT, REALISTIC)
    short, long = (median(table, deployment(), Demand(tokens)) for tokens in (10, 100_000))
    assert long.first - short.first == pytest.approx(2.5, rel=0.1)


@pytest.mark.parametrize(
    ("model", "speed"), [("gpt-5.2", 50), ("gpt-5.5", 100), ("gpt-5.1", 50), ("gpt-4.1", 80)]
)
@pytest.mark.parametrize("sku", ["Standard", "ProvisionedManaged"])
def test_what_is_expedited_is_as_fast_as_promised(model: str, speed: float, sku: str) -> None:
    table = LatencyTable(CHAT, REALISTIC)
    chosen = deployment(model, sku=sku)
    expedited = median(table, chosen, Demand(expedited=True))
    assert expedited.between <= 1.02 / speed
    assert expedited.between <= 1.05 * median(table, chosen).between


def test_a_deployments_own_latency_goes_above_its_resources_and_that_above_the_profile() -> None:
    of_resource = read_latency({"token_ms": 7, "first_token_ms": 70})
    table = LatencyTable(CHAT, REALISTIC, own=of_resource)
    own = read_latency({"first_token_ms": 900})
    assert median(table, deployment(latency=own), Demand(50_000)) == Tempo(0.9, 0.007)
    assert median(table, deployment(), Demand(50_000)) == Tempo(0.07, 0.007)


def test_load_is_known_wherever_it_is_given() -> None:
    load = read_latency({"load": {"concurrency": 1, "factor": 2}})
    profile = read_profile(b'{"models": {"gpt-4.1": {"load": {"concurrency":1,"factor":2}}}}', "x")
    assert not LatencyTable(CHAT, REALISTIC).loaded(deployment())
    assert LatencyTable(CHAT, own=load).loaded(deployment())
    assert LatencyTable(CHAT).loaded(deployment(latency=load))
    assert LatencyTable(CHAT, profile).loaded(deployment())


def test_a_profile_of_a_deployment_goes_before_that_of_its_model() -> None:
    profile = read_profile(
        b'{"models": {"gpt-4.1": {"token_ms": 1}}, "deployments": {"chat": {"token_ms": 2}}}', "x"
    )
    table = LatencyTable(CHAT, profile)
    other = Deployment("other", find_model("gpt-4.1"))
    assert [median(table, one).between for one in (deployment(), other)] == [0.002, 0.001]
    assert median(table, deployment("o3"), Demand(expedited=True)).between == 0.002


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"{", "profile.json: not JSON: Input data was truncated"),
        (b"\xff", "profile.json: "),
        (b"[]", "profile.json: expected an object"),
        (b'{"model": {}}', "profile.json: no such member 'model'; did you mean 'models'?"),
        (b'{"models": []}', "profile.json: models: expected an object"),
        (
            b'{"models": {"gpt-4.1-nan": {"token_ms": 1}}}',
            "profile.json: model 'gpt-4.1-nan': 'gpt-4.1-nan' is no known model; nearest: gpt-4.1-na",
        ),
        (
            b'{"models": {"gpt-4o-2024-08-06": {"token_ms": 1}}}',
            "profile.json: model 'gpt-4o-2024-08-06': did you mean 'gpt-4o'?",
        ),
        (
            b'{"models": {"gpt-4o": {"tokens_ms": 1}}}',
            "profile.json: model 'gpt-4o': no such member 'tokens_ms'; did you mean 'token_ms'?",
        ),
        (
            b'{"deployments": {"chat": {"load": {"concurrency": 1, "factor": 0}}}}',
            "profile.json: deployment 'chat': load.factor: expected a number >= 1",
        ),
        (b" " * (8 * 2**20 + 1), "profile.json: larger than 8388608 bytes"),
    ],
)
def test_a_bad_profile_is_refused_with_the_place(data: bytes, line: str) -> None:
    with pytest.raises(ProfileError) as caught:
        read_profile(data, "profile.json")
    assert str(caught.value).startswith(line)


def test_a_deployment_file_gives_a_latency() -> None:
    file = '{"chat": {"model": "gpt-4.1", "latency": {"first_token_ms": 300}}}'
    chat = parse_deployments(file, "x")["chat"]
    assert chat.latency is not None
    assert chat.latency.given == {"first_token_ms": 300}
    assert median(LatencyTable(CHAT, REALISTIC), chat).first == 0.3
