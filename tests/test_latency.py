import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.latency import Profile, Spread, Tempo

times = st.floats(0, 10, allow_nan=False)


def test_a_spread_without_deviation_is_its_mean_in_seconds() -> None:
    assert Spread(1500).draw(random.Random(1)) == 1.5


@given(st.floats(0, 1000), st.floats(0, 10_000), st.integers(0, 2**32))
def test_a_drawn_latency_is_never_below_zero(mean: float, deviation: float, seed: int) -> None:
    assert Spread(mean, deviation).draw(random.Random(seed)) >= 0


def test_a_spread_has_its_mean_and_its_deviation() -> None:
    rng = random.Random(1)
    drawn = [Spread(100, 10).draw(rng) for _ in range(4000)]
    assert sum(drawn) / 4000 == pytest.approx(0.1, rel=0.01)
    assert sum((value - 0.1) ** 2 for value in drawn) / 4000 == pytest.approx(1e-4, rel=0.1)


@pytest.mark.parametrize(
    ("units", "moment"), [(0, 0.0), (0.5, 0.25), (1, 0.5), (2, 0.6), (11, 1.5)]
)
def test_the_first_unit_takes_its_own_time(units: float, moment: float) -> None:
    assert Tempo(first=0.5, between=0.1).at(units) == pytest.approx(moment)


@given(times, times, st.lists(st.floats(0, 1e5), max_size=20))
def test_later_units_are_never_done_earlier(
    first: float, between: float, units: list[float]
) -> None:
    tempo = Tempo(first, between)
    moments = [tempo.at(unit) for unit in sorted(units)]
    # To the last digit: the rounding of a product may be larger than what it adds.
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(moments))


@given(st.integers(0, 2**32))
def test_a_request_works_at_one_speed(seed: int) -> None:
    tempo = Profile(Spread(19, 6)).draw(random.Random(seed))
    assert tempo.first == tempo.between


def test_time_to_first_token_and_inter_token_latency_replace_the_time_per_token() -> None:
    profile = Profile(Spread(19, 6), first=Spread(400), between=Spread(25))
    assert profile.draw(random.Random(1)) == Tempo(0.4, 0.025)


def test_either_of_them_may_be_left_out() -> None:
    rng = random.Random(1)
    assert Profile(Spread(19), first=Spread(400)).draw(rng) == Tempo(0.4, 0.019)
    assert Profile(Spread(19), between=Spread(25)).draw(rng) == Tempo(0.019, 0.025)


def test_little_sound_takes_its_share_unless_the_first_token_was_given() -> None:
    assert Tempo(10.0, 1.0).sounding(0.5) == 5
    given = Tempo(10.0, 1.0, whole=True)
    assert [given.sounding(units) for units in (0, 0.5, 1, 3)] == [10, 10, 10, 12]
    assert given.times(2).sounding(0.5) == 20


def test_the_moments_of_several_units_are_those_of_each() -> None:
    tempo = Tempo(0.3, 0.02)
    assert tempo.moments(1, 4) == [tempo.at(unit) for unit in range(1, 5)]
    assert tempo.moments(7, 2) == [tempo.at(7), tempo.at(8)]
