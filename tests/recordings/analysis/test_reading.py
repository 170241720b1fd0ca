"""Samples of recordings: even over routes, and over the recordings of each."""

import pytest

from simulator.recordings.analysis.reading import sample_of


def names(**routes: int) -> list[str]:
    found = [
        f"v1/{route}/{number:03}.json" for route, count in routes.items() for number in range(count)
    ]
    return sorted(found)


@pytest.mark.parametrize(
    ("sample", "counts"),
    [
        (1, {"c": 1}),
        (2, {"b": 1, "c": 1}),
        (3, {"a": 1, "b": 1, "c": 1}),
        (6, {"a": 1, "b": 2, "c": 3}),
        (20, {"a": 1, "b": 2, "c": 17}),
        (1_000, {"a": 1, "b": 2, "c": 900}),
    ],
)
def test_each_route_has_its_part_of_a_sample(sample: int, counts: dict[str, int]) -> None:
    taken = sample_of(names(a=1, b=2, c=900), sample)
    assert {route: sum(f"/{route}/" in name for name in taken) for route in counts} == counts
    assert len(taken) == sum(counts.values())
    assert taken == sorted(set(taken))


def test_the_recordings_of_a_route_are_taken_evenly() -> None:
    assert [name[-7:-5] for name in sample_of(names(a=100), 4)] == ["00", "25", "50", "75"]
