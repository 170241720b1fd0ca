"""Tests of the app with the fixture `aoai`, which the package azure-openai-simulator brings."""

import openai
import pytest
from app import ask

from simulator.testing import Simulator


def test_a_question_is_answered(aoai: Simulator) -> None:
    aoai.when(contains="capital of France").reply("Paris.")
    assert ask("What is the capital of France?") == "Paris."
    sent = aoai.requests[-1]
    assert (sent.deployment, sent.status) == ("gpt-4o", 200)
    assert sent.json["temperature"] == 0
    aoai.assert_well_behaved()


def test_an_answer_takes_the_time_that_the_model_takes(aoai: Simulator) -> None:
    aoai.latency(first_token_ms=200, per_token_ms=1)
    ask("What is the capital of France?")
    assert aoai.requests[-1].entry["duration_ms"] >= 200


def dont_wait(seconds: float) -> None:
    """Stand in for `time.sleep`, so that the test need not wait for the limit."""


def test_the_app_tries_again_after_a_refusal(
    aoai: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", dont_wait)
    aoai.limits("gpt-4o", requests_per_minute=1)
    ask("First?")
    with pytest.raises(openai.RateLimitError):
        ask("Second?")
    assert [sent.status for sent in aoai.requests] == [200, 429, 429, 429]


def test_the_costs_are_known(aoai: Simulator) -> None:
    ask("What is the capital of France?")
    assert aoai.costs
