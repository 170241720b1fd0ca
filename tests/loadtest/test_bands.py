import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.bands import (
    Band,
    Speed,
    latency_band,
    most_within,
    reached,
    slice_share,
    steady_band,
)
from loadtest.samples import Sample


def admitted(*moments: float, elapsed: float = 0.1, tokens: int = 0) -> list[Sample]:
    return [Sample(moment, elapsed, 200, tokens=tokens) for moment in moments]


@pytest.mark.parametrize(
    ("seen", "kept"), [(0.9, False), (1, True), (2, True), (3, True), (3.1, False)]
)
def test_a_band_holds_its_ends(seen: float, kept: bool) -> None:
    assert Band("", seen, least=1, most=3).kept is kept


def test_a_figure_that_is_none_is_outside_of_every_band() -> None:
    assert not Band("", float("nan")).kept


def test_the_most_of_any_interval_is_counted() -> None:
    assert most_within(admitted(0, 6, 7, 8, 15.5), 10) == 4


def test_one_that_may_have_been_counted_outside_is_not_inside() -> None:
    assert most_within([*admitted(0), *admitted(9.8, elapsed=0.3)], 10) == 1


def test_of_nothing_there_is_nothing_within() -> None:
    assert most_within([], 10) == 0


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 5), st.floats(0, 1)), min_size=1, max_size=30
    ),
    st.integers(1, 60),
)
def test_no_more_are_within_than_the_service_counted(
    requests: list[tuple[float, float, float]], seconds: int
) -> None:
    counted = [sent + elapsed * part for sent, elapsed, part in requests]
    most = max(sum(one <= other <= one + seconds for other in counted) for one in counted)
    samples = [Sample(sent, elapsed, 200) for sent, elapsed, _ in requests]
    assert most_within(samples, seconds) <= most


@pytest.mark.parametrize(
    ("limit", "seconds", "share"), [(60, 10, 10), (60, 1, 1), (60, 60, 60), (6, 10, 1), (7, 10, 2)]
)
def test_a_slice_holds_its_share_rounded_up(limit: int, seconds: int, share: int) -> None:
    assert slice_share(limit, seconds) == share


@pytest.mark.parametrize(
    ("duration", "least"), [(3, 9), (10, 9), (25, 18), (60, 54), (75, 63), (120, 108)]
)
def test_a_demand_above_the_limit_gets_its_slices(duration: float, least: int) -> None:
    assert reached(60, 10, 10, duration) == least


def test_rounded_up_slices_do_not_add_to_the_minute() -> None:
    assert reached(10, 2, 10, 59) == 9


SPEED = Speed(first=20, first_std_dev=6, between=20, between_std_dev=6)


def test_the_time_of_an_answer_follows_from_its_tokens() -> None:
    speed = Speed(first=400, first_std_dev=0, between=25, between_std_dev=0)
    assert [speed.expected(tokens) for tokens in (1, 2, 41)] == [0.4, 0.425, 1.4]


@pytest.mark.parametrize(
    ("elapsed", "kept"), [(0.7, False), (0.95, True), (1.0, True), (1.3, True), (1.7, False)]
)
def test_answers_come_as_fast_as_is_configured(elapsed: float, kept: bool) -> None:
    samples = admitted(*range(100), elapsed=elapsed, tokens=50)
    assert latency_band(samples, SPEED).kept is kept


@pytest.mark.parametrize(("later", "kept"), [(0.5, True), (1.0, True), (1.6, True), (1.7, False)])
def test_latency_is_steady_when_it_does_not_grow(later: float, kept: bool) -> None:
    samples = [*admitted(1, 2, 3, elapsed=1.0), *admitted(4, 5, 6, elapsed=later)]
    assert steady_band(samples).kept is kept
