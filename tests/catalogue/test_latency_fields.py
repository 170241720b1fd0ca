"""The object that says how long a deployment takes: distributions, and mistakes in it."""

import random
import statistics
from typing import Any

import pytest

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.catalogue.field_error import FieldError
from simulator.catalogue.latency_fields import read_latency
from simulator.latency import Demand, Tempo

DRAWS = 20_000
BASE = Tempo(1.0, 0.1)


def draws(latency: dict[str, Any], demand: Demand | None = None) -> list[Tempo]:
    rng = random.Random(7)
    read = read_latency(latency)
    return [read.of(BASE, demand or Demand(), rng) for _ in range(DRAWS)]


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


def test_a_number_is_always_that() -> None:
    assert set(draws({"first_token_ms": 400, "token_ms": 20})) == {Tempo(0.4, 0.02, whole=True)}


def test_what_is_not_given_is_as_below() -> None:
    assert draws({"first_token_ms": 400})[0] == Tempo(0.4, 0.1, whole=True)
    assert draws({"token_ms": 20})[0] == Tempo(1.0, 0.02)


def test_mean_and_deviation_are_those_of_a_normal_distribution() -> None:
    values = [one.first for one in draws({"first_token_ms": {"mean": 400, "deviation": 50}})]
    assert statistics.mean(values) == pytest.approx(0.4, rel=0.01)
    assert statistics.stdev(values) == pytest.approx(0.05, rel=0.03)


def test_p50_and_p95_are_those_of_a_log_normal_distribution() -> None:
    values = [one.between for one in draws({"token_ms": {"p50": 10, "p95": 40}})]
    assert quantile(values, 0.5) == pytest.approx(0.010, rel=0.03)
    assert quantile(values, 0.95) == pytest.approx(0.040, rel=0.05)
    assert min(values) > 0


def test_quantiles_are_drawn_as_they_are_given() -> None:
    points = [[0.0, 100], [0.5, 200], [0.9, 1000], [1.0, 5000]]
    values = [one.first for one in draws({"first_token_ms": {"quantiles": points}})]
    assert quantile(values, 0.25) == pytest.approx(0.150, rel=0.02)
    assert quantile(values, 0.5) == pytest.approx(0.200, rel=0.02)
    assert quantile(values, 0.8) == pytest.approx(0.8, rel=0.03)
    assert 0.1 <= min(values) <= max(values) <= 5.0


def test_the_prompt_takes_its_time_and_the_cached_part_saves_some() -> None:
    latency = {"first_token_ms": 100, "prompt_ms_per_1000": 50, "cached_ms_per_1000": 5}
    tempo = draws(latency, Demand(prompt_tokens=4_000))[0]
    assert tempo.first == pytest.approx(0.3)
    assert tempo.saved is not None
    assert tempo.first - 3_000 * tempo.saved == pytest.approx(0.1 + 0.05 + 0.015)


@pytest.mark.parametrize(("tokens", "first"), [(0, 0.1), (1000, 0.1), (1001, 0.5), (9999, 0.5)])
def test_the_first_token_may_depend_on_the_size_of_the_prompt(tokens: int, first: float) -> None:
    sizes = [{"up_to": 1000, "first_token_ms": 100}, {"up_to": 5000, "first_token_ms": 500}]
    assert draws({"by_prompt": sizes}, Demand(tokens))[0].first == first


@pytest.mark.parametrize(
    ("under_way", "factor"), [(0, 1.0), (5, 1.5), (10, 2.0), (20, 3.0), (1_000, 11.0)]
)
def test_load_makes_all_slower_up_to_a_bound(under_way: int, factor: float) -> None:
    latency = {
        "first_token_ms": 100,
        "token_ms": 10,
        "load": {"concurrency": 10, "factor": 2},
    }
    tempo = draws(latency, Demand(under_way=under_way))[0]
    assert tempo.first == pytest.approx(0.1 * factor)
    assert tempo.between == pytest.approx(0.01 * factor)
    assert draws(latency, Demand(under_way=under_way, expedited=True))[0].first == 0.1


@pytest.mark.parametrize(
    ("latency", "place", "problem"),
    [
        ({}, "", "it changes nothing"),
        ([], "", "expected an object"),
        ({"first_token": 1}, "", "no such member 'first_token'; did you mean 'first_token_ms'?"),
        ({"token_ms": -1}, "token_ms", "expected a number >= 0"),
        ({"token_ms": {"p55": 1}}, "token_ms", "no such member 'p55'; did you mean 'p"),
        ({"token_ms": {}}, "token_ms", "give one of mean with deviation, p50 with p95"),
        ({"token_ms": {"deviation": 1}}, "token_ms", "p50 and p95 go together"),
        ({"token_ms": {"mean": 1, "p50": 1}}, "token_ms", "give one of"),
        ({"token_ms": {"p50": 10}}, "token_ms", "p50 and p95 go together"),
        ({"token_ms": {"p50": 10, "p95": 5}}, "token_ms", "p50 and p95 go together"),
        ({"token_ms": {"p50": 0, "p95": 5}}, "token_ms", "p50 and p95 go together"),
        ({"token_ms": {"quantiles": [[0, 1]]}}, "token_ms.quantiles", "expected a list of len"),
        ({"token_ms": {"quantiles": [[0, 2], [1, 1]]}}, "token_ms.quantiles", "have to rise"),
        ({"token_ms": {"quantiles": [[0, 1], [0, 2]]}}, "token_ms.quantiles", "have to rise"),
        (
            {"load": {"concurrency": 0, "factor": 2}},
            "load.concurrency",
            "expected a whole number >= 1",
        ),
        (
            {
                "by_prompt": [
                    {"up_to": 5, "first_token_ms": 1},
                    {"up_to": 4, "first_token_ms": 1},
                ]
            },
            "by_prompt",
            "up_to has to rise",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place(latency: Any, place: str, problem: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_latency(latency)
    assert caught.value.field == place
    assert problem in caught.value.problem


def test_a_deployment_file_names_the_deployment_and_the_member() -> None:
    file = '{"chat": {"model": "gpt-4o", "latency": {"token_ms": {"p50": 1, "p59": 2}}}}'
    with pytest.raises(DeploymentFileError, match=r'"chat": latency.token_ms: no such member'):
        parse_deployments(file, "file.json")
