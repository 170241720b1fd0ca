import pytest

from simulator.errors import DeploymentNotFound, InvalidRequest, RateLimited
from simulator.messages import Answer, LateFacts, Usage
from simulator.operations.routes import Match
from simulator.telemetry.observation import Completion
from tests.telemetry.requests import (
    NO_RESOURCES,
    TEMPLATE,
    Chat,
    answered,
    refused,
    seen,
    unknown,
)

PREFIX = "aoai-api-simulator."
COURSE = Completion(2.5, None)
GEN_AI = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "azure.ai.openai",
    "gen_ai.request.model": "my-gpt",
    "gen_ai.response.model": "gpt-4o-2024-11-20",
}


def limited(kind):
    return RateLimited("wait", retry_after=1, headers={"x-ratelimit-type": kind} if kind else {})


def test_an_answer_counts_with_its_latency_and_tokens(metrics) -> None:
    metrics.instruments.record(seen(), COURSE)
    labels = {"deployment": "my-gpt", "status_code": 200}
    prompt, completion = (
        {"deployment": "my-gpt", "token_type": token_type}
        for token_type in ("prompt", "completion")
    )
    assert metrics.read() == {
        f"{PREFIX}requests": [({"operation": "chat_completions", "status_code": 200}, 1)],
        f"{PREFIX}latency.base": [(labels, (1, 0.01))],
        f"{PREFIX}latency.full": [(labels, (1, 2.5))],
        f"{PREFIX}tokens.requested": [(prompt, (1, 9)), (completion, (1, 100))],
        f"{PREFIX}tokens.used": [(prompt, (1, 9)), (completion, (1, 100))],
        f"{PREFIX}tokens.rate-limit": [({"deployment": "my-gpt"}, (1, 109))],
        "gen_ai.server.request.duration": [(GEN_AI, (1, 2.5))],
    }


@pytest.mark.parametrize(
    ("kind", "told"), [("Requests", "requests"), ("Tokens", "tokens"), (None, "tokens")]
)
def test_a_refused_request_counts_by_the_limit_that_refused_it(metrics, kind, told) -> None:
    metrics.instruments.record(refused(limited(kind)), COURSE)
    labels = {"deployment": "my-gpt", "limit_type": told}
    assert metrics.read()[f"{PREFIX}limits"] == [(labels, (1, 1))]


def test_a_refused_request_asks_for_tokens_and_uses_none(metrics) -> None:
    metrics.instruments.record(refused(limited("Tokens")), COURSE)
    read = metrics.read()
    assert [value for _, value in read[f"{PREFIX}tokens.requested"]] == [(1, 9), (1, 100)]
    assert not {f"{PREFIX}tokens.used", f"{PREFIX}tokens.rate-limit"} & read.keys()


def test_an_error_has_its_status_as_its_type(metrics) -> None:
    metrics.instruments.record(refused(InvalidRequest("no")), COURSE)
    [(labels, _)] = metrics.read()["gen_ai.server.request.duration"]
    assert labels["error.type"] == "400"


@pytest.mark.parametrize(("called", "name"), [(True, "my-gpt"), (False, "other")])
def test_a_request_refused_before_it_was_understood_counts_for_a_deployment_that_is_known(
    metrics, called, name
) -> None:
    if called:
        metrics.instruments.record(seen(), COURSE)
        metrics.read()
    metrics.instruments.record(refused(DeploymentNotFound(), call=None), COURSE)
    labels = {"deployment": name, "status_code": 404}
    assert (labels, (1, 2.5)) in metrics.read()[f"{PREFIX}latency.full"]


def test_a_request_without_a_deployment_counts_as_a_request_alone(metrics) -> None:
    metrics.instruments.record(unknown("/nowhere"), COURSE)
    labels = {"operation": "unknown", "status_code": 404}
    assert metrics.read() == {f"{PREFIX}requests": [(labels, 1)]}


def test_a_stream_counts_its_first_token_and_the_time_of_each_further_one(metrics) -> None:
    metrics.instruments.record(seen(), Completion(2.48, 0.5))
    read = metrics.read()
    assert read["gen_ai.server.time_to_first_token"] == [(GEN_AI, (1, 0.5))]
    assert read["gen_ai.server.time_per_output_token"] == [(GEN_AI, (1, 0.02))]


@pytest.mark.parametrize("usage", [None, Usage(9, 1)])
def test_a_stream_of_one_token_has_no_time_between_tokens(metrics, usage) -> None:
    metrics.instruments.record(seen(answered(usage=usage)), Completion(2.5, 0.5))
    assert "gen_ai.server.time_per_output_token" not in metrics.read()


def test_a_stream_that_was_cut_says_nothing_of_the_pace_of_tokens(metrics) -> None:
    metrics.instruments.record(seen(), Completion(2.5, 0.5, cut=True))
    assert "gen_ai.server.time_to_first_token" not in metrics.read()


@pytest.mark.parametrize("outcome", ["hit", "missed", "stored"])
def test_recordings_count_by_what_became_of_them(metrics, outcome) -> None:
    metrics.instruments.record(seen(answered(headers={"x-recording": outcome})), COURSE)
    assert metrics.read()[f"{PREFIX}recordings"] == [({"outcome": outcome}, 1)]


def test_a_recording_that_could_not_be_stored_counts_once(metrics) -> None:
    metrics.instruments.recording_failed()
    metrics.instruments.record(seen(answered(headers={"x-recording": "failed"})), COURSE)
    assert metrics.read()[f"{PREFIX}recordings"] == [({"outcome": "failed"}, 1)]


def test_what_a_live_stream_used_counts_when_it_is_known(metrics) -> None:
    live = Answer(200, (), streamed=True, ending=LateFacts(Usage(3, 4), "stored"))
    metrics.instruments.record(seen(live), COURSE)
    assert [value for _, value in metrics.read()[f"{PREFIX}tokens.used"]] == [(1, 3), (1, 4)]


def test_a_flood_of_names_makes_a_finite_number_of_series(metrics) -> None:
    for number in range(50):
        match = Match(Chat(NO_RESOURCES), TEMPLATE, {"deployment": f"name-{number}"})
        generated = refused(DeploymentNotFound(), call=None, match=match)
        metrics.instruments.record(generated, COURSE)
    names = [labels["deployment"] for labels, _ in metrics.read()[f"{PREFIX}latency.full"]]
    assert names == ["other"]


def test_errors_of_the_limits_store_are_counted(metrics) -> None:
    metrics.instruments.limiter_failed()
    assert metrics.read()[f"{PREFIX}limiter.errors"] == [({}, 1)]
