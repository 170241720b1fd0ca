"""What each scenario makes of samples that it was given."""

from collections.abc import Sequence
from typing import Any

import pytest

from loadtest.bands import Band, Speed
from loadtest.samples import Limits, Sample
from loadtest.scenarios import SCENARIOS, NotTestable, Run
from loadtest.table import table

FIRST = Sample(0.0, 0.1, 200)
LIMITS = Limits(requests=60, tokens=10_000, requests_left=59, tokens_left=9_000)


def run(samples: Sequence[Sample], speed: Speed | None = None) -> Run:
    return Run(FIRST, samples, 5.0, LIMITS, 10, speed)


def admitted(number: int) -> list[Sample]:
    return [Sample(0.2 + 0.1 * one, 0.05, 200, tokens=10) for one in range(number)]


def refused(limit: str, **facts: Any) -> list[Sample]:
    return [Sample(3.0, **{"elapsed": 0.01, "told_when": True, **facts}, status=429, limit=limit)]


def broken(scenario: str, what: Run) -> list[str]:
    return [band.name for band in SCENARIOS[scenario].check(what) if not band.kept]


def test_a_request_limit_that_is_kept_passes() -> None:
    assert broken("request-limit", run([*admitted(9), *refused("Requests")])) == []


def test_a_token_limit_that_is_kept_passes() -> None:
    assert broken("token-limit", run([*admitted(9), *refused("Tokens")])) == []


@pytest.mark.parametrize(
    ("scenario", "samples", "name"),
    [
        ("request-limit", [*admitted(10), *refused("Requests")], "admitted in 10 s"),
        ("request-limit", [*admitted(7), *refused("Requests")], "admitted in all"),
        ("request-limit", admitted(9), "refused by requests"),
        ("request-limit", [*admitted(9), *refused("Tokens")], "refused by requests"),
        ("token-limit", [*admitted(10), *refused("Tokens")], "tokens in 60 s, at 1000 a request"),
        ("token-limit", [*admitted(7), *refused("Tokens")], "admitted in all"),
        (
            "token-limit",
            [*admitted(9), *refused("Tokens", told_when=False)],
            "refused without retry-after",
        ),
        (
            "token-limit",
            [*admitted(9), *refused("Tokens", elapsed=2.0)],
            "median time of a refusal, s",
        ),
        ("latency", [*admitted(9), *refused("Tokens")], "refused"),
        ("latency", admitted(3), "admitted"),
        ("latency", [*admitted(9), Sample(1.0, 0.1, 500)], "neither answered nor refused"),
    ],
)
def test_what_is_outside_of_its_band_is_named(
    scenario: str, samples: list[Sample], name: str
) -> None:
    assert broken(scenario, run(samples)) == [name]


def test_latency_is_compared_where_the_service_reports_it() -> None:
    slower = Speed(first=20, first_std_dev=0, between=20, between_std_dev=0)
    assert broken("latency", run(admitted(9))) == []
    assert broken("latency", run(admitted(9), slower)) == ["mean latency beyond the configured, s"]


def test_a_deployment_that_was_used_is_to_rest() -> None:
    used = Limits(requests=60, tokens=10_000, requests_left=40, tokens_left=5_000)
    with pytest.raises(NotTestable, match="rest"):
        SCENARIOS["token-limit"].fit(used)


@pytest.mark.parametrize("scenario", ["request-limit", "token-limit"])
def test_a_deployment_needs_the_limit_that_is_tested(scenario: str) -> None:
    with pytest.raises(NotTestable, match="DEPLOYMENT="):
        SCENARIOS[scenario].fit(Limits.told_by({}))


def test_the_headers_tell_the_limits() -> None:
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-limit-tokens": "10000",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-remaining-tokens": "9000",
    }
    assert Limits.told_by(headers) == LIMITS


def test_the_table_shows_what_came_and_which_band_is_broken() -> None:
    what = run([*admitted(9), *refused("Tokens")])
    lines = [*table(what, [Band("kept", 1, most=2), Band("broken", 3.5, least=4)])]
    assert lines[1].split() == ["admitted", "9", "0.050", "0.050", "0.050"]
    assert lines[-3].split() == ["kept", "1", "0", "2", "ok"]
    assert lines[-2].split() == ["broken", "3.500", "4", "FAILED"]
