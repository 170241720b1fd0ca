import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.limits.provisioned import Bucket
from simulator.limits.quota import ProvisionedLimits

LIMITS = ProvisionedLimits(ptu=15, input_tpm_per_ptu=2_500, output_ratio=4)
FULL = 15 * 2_500
SECOND = 1_000_000


def test_an_output_token_weighs_as_much_as_its_ratio_of_input_tokens() -> None:
    assert LIMITS.weight(100, 50) == 300


def test_a_full_bucket_is_a_minute_of_the_units() -> None:
    assert Bucket().fill(0, LIMITS, FULL).utilization == 1.0


def test_a_burst_passes_above_a_hundred_percent_and_the_next_request_waits() -> None:
    bucket = Bucket()
    assert bucket.fill(0, LIMITS, FULL).wait == 0
    assert bucket.fill(0, LIMITS, FULL).wait == 0
    refused = bucket.fill(0, LIMITS, 1)
    assert (refused.utilization, refused.wait) == (2.0, 60 * SECOND)


def test_it_drains_in_proportion_to_the_units() -> None:
    bucket = Bucket()
    bucket.fill(0, LIMITS, FULL)
    assert bucket.fill(30 * SECOND, LIMITS, 0).utilization == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("difference", "expected"), [(-FULL // 2, 0.5), (FULL, 2.0), (-FULL * 9, 0)]
)
def test_a_correction_adds_the_difference_and_never_goes_below_empty(
    difference: int, expected: float
) -> None:
    bucket = Bucket()
    bucket.fill(0, LIMITS, FULL)
    bucket.correct(0, LIMITS, difference)
    assert bucket.fill(0, LIMITS, 0).utilization == pytest.approx(expected, abs=1e-4)


def test_a_refused_request_adds_nothing() -> None:
    bucket = Bucket()
    bucket.fill(0, LIMITS, 2 * FULL)
    bucket.fill(0, LIMITS, FULL)
    assert bucket.fill(0, LIMITS, 0).utilization == 2.0


def test_more_units_lower_the_utilization_of_what_is_in_the_bucket() -> None:
    bucket = Bucket()
    bucket.fill(0, LIMITS, FULL)
    doubled = ProvisionedLimits(ptu=30, input_tpm_per_ptu=2_500, output_ratio=4)
    assert bucket.fill(0, doubled, 0).utilization == 0.5


requests = st.lists(
    st.tuples(st.integers(0, 90 * SECOND), st.integers(0, 3 * FULL)), min_size=1, max_size=40
)


@given(requests=requests)
def test_a_client_that_waits_as_long_as_it_has_to_is_admitted(
    requests: list[tuple[int, int]],
) -> None:
    bucket, now = Bucket(), 0
    for pause, weight in requests:
        now += pause
        wait = bucket.fill(now, LIMITS, weight).wait
        if wait:
            assert bucket.fill(now + wait - 1, LIMITS, weight).wait >= 1
            now += wait
            assert bucket.fill(now, LIMITS, weight).wait == 0


@given(requests=requests)
def test_admitted_work_never_outruns_the_units_by_more_than_a_minute_and_one_request(
    requests: list[tuple[int, int]],
) -> None:
    bucket, now, admitted = Bucket(), 0, 0
    for pause, weight in requests:
        now += pause
        if bucket.fill(now, LIMITS, weight).wait == 0:
            assert admitted <= FULL * (now / (60 * SECOND) + 1) + 1e-6
            admitted += weight
