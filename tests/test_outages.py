import logging
from contextlib import suppress

import pytest

from simulator.outages import PAUSE, CircuitBreaker, OutageLog
from tests.support.clock import Clock


class Unanswered(Exception):
    pass


class Refused(Exception):
    pass


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock)


def attempt(breaker: CircuitBreaker, error: Exception | None = None) -> None:
    with suppress(Unanswered, Refused), breaker.attempt(Unanswered, Refused):
        if error is not None:
            raise error


def test_it_is_open_for_a_second_after_a_failure(breaker: CircuitBreaker, clock: Clock) -> None:
    attempt(breaker, Unanswered())
    assert breaker.open
    clock.now += PAUSE
    assert not breaker.open


def test_only_one_attempt_tries_the_store_after_the_pause(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    attempt(breaker, Unanswered())
    clock.now += PAUSE
    with breaker.attempt(Unanswered):
        assert breaker.open
    assert not breaker.open
    assert not breaker.failed


@pytest.mark.parametrize(("error", "failed"), [(Refused(), False), (ValueError(), True)])
def test_a_refusal_is_an_answer_and_another_error_none(
    breaker: CircuitBreaker, clock: Clock, error: Exception, failed: bool
) -> None:
    attempt(breaker, Unanswered())
    clock.now += PAUSE
    with suppress(ValueError):
        attempt(breaker, error)
    assert breaker.failed is failed
    assert not breaker.open  # the next attempt is free to try


def test_a_late_answer_to_an_attempt_from_before_the_outage_is_no_sign(
    breaker: CircuitBreaker,
) -> None:
    with breaker.attempt(Unanswered):
        attempt(breaker, Unanswered())
    assert breaker.open


def test_an_outage_is_logged_once_when_it_begins_and_once_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outage = OutageLog(logging.getLogger("test"), "the store")
    outage.ends()
    for number in range(3):
        outage.begins("it is unreachable: %d", number)
    outage.ends()
    outage.ends()
    assert caplog.messages == ["it is unreachable: 0", "the store is reachable again"]
