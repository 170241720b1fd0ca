"""Which entries of a timeline have begun at a moment, and which comes next."""

from typing import Any

import pytest

from simulator.fleet.timeline import NEVER, Entry, Timeline, beginnings


def entry(position: int = 0, **members: Any) -> Entry:
    given: dict[str, Any] = {"at": 10.0, "over": 0.0, "every": NEVER, "times": 1, **members}
    return Entry(
        position=position, changes=(), quotas=None, changes_quotas=False, shown={}, **given
    )


@pytest.mark.parametrize(
    ("moment", "times"), [(0, 0), (9.9, 0), (10, 1), (39.9, 1), (40, 2), (70, 3), (1_000, 3)]
)
def test_an_entry_begins_as_often_as_it_says(moment: float, times: int) -> None:
    assert entry(every=30.0, times=3).begun(moment) == times


def test_an_entry_begins_at_its_own_moments_whatever_their_fractions() -> None:
    repeated = entry(at=0.3, every=1.1, times=NEVER)
    for number in range(1, 5_000):
        assert repeated.begun(repeated.moment_of(number)) == number


def test_the_next_is_the_first_that_has_not_begun() -> None:
    timeline = Timeline([entry(0, at=50.0), entry(1, at=10.0, every=30.0, times=2)])
    moments: list[float] = []
    moment = -1.0
    while (coming := timeline.next(moment)) is not None:
        moment = coming.moment
        moments.append(moment)
    assert moments == [10.0, 40.0, 50.0]
    assert timeline.done(49) == 2
    assert timeline.done(50) == 3


def test_of_the_same_moment_all_begin_in_the_order_of_the_file() -> None:
    timeline = Timeline([entry(0), entry(1), entry(2, at=5.0)])
    found = [(one.moment, one.entry.position) for one in beginnings(timeline, 10)]
    assert found == [(5.0, 2), (10.0, 0), (10.0, 1)]


def test_it_ends_when_nothing_comes_and_nothing_is_on_its_way() -> None:
    timeline = Timeline([entry(at=10.0, over=5.0)])
    assert [timeline.ended(moment) for moment in (9, 10, 14, 15)] == [False, False, False, True]
    assert not Timeline().ended(1e9)
    assert not Timeline([entry(every=30.0, times=NEVER)]).ended(1e9)


def test_a_ramp_takes_steps_of_a_second() -> None:
    timeline = Timeline([entry(0, at=10.0, over=3.0), entry(1, at=11.5)])
    assert [timeline.step(moment) for moment in (0, 10, 11.2, 12.4, 13)] == [
        10,
        11,
        11.5,
        13,
        NEVER,
    ]


def test_beginnings_without_end_are_bounded() -> None:
    timeline = Timeline([entry(every=1.0, times=NEVER)])
    assert len(list(beginnings(timeline, 100))) == 100
