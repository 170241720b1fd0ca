from collections.abc import Sequence

import pytest

from loadtest.backends import instances_of
from loadtest.instances import WITHIN, counted
from loadtest.samples import Limits, Sample
from loadtest.scenarios import Run
from loadtest.table import MOST_ROWS, table


def answer(done: float, instance: str, status: int = 200) -> Sample:
    return Sample(done, 0.0, status, instance=instance)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ([], []),
        ([Sample(0, 1, 0)], []),
        ([answer(0, "")], ["instances: unknown, since answers name none"]),
        ([answer(0, "a"), answer(1, "a", 429), Sample(2, 1, 0)], ["instances: 1 answered"]),
        (
            [answer(0, "a"), answer(1, "b", 429), answer(2, "a")],
            ["instances: 2 answered, at most 2 within 10 s", "More than one"],
        ),
    ],
)
def test_a_run_says_how_many_instances_answered(samples: Sequence[Sample], said: list[str]) -> None:
    lines = counted(samples)
    assert len(lines) == len(said)
    assert all(line.startswith(begin) for line, begin in zip(lines, said, strict=True))


def test_instances_that_replaced_each_other_did_not_serve_at_once() -> None:
    one_by_one = [answer(number * (WITHIN + 1), f"i{number}") for number in range(5)]
    assert counted(one_by_one)[0] == "instances: 5 answered, at most 1 within 10 s"
    burst = [answer(100 + number / 10, f"b{number}") for number in range(40)]
    assert counted([*burst, *one_by_one])[0] == "instances: 45 answered, at most 40 within 10 s"


def test_the_table_shows_the_first_of_dozens_of_instances() -> None:
    samples = [answer(number, f"i{number:02}") for number in range(MOST_ROWS + 5)]
    run = Run(samples[0], samples, 30.0, Limits(None, None, None, None), 10, None)
    lines = list(table(run, [], instances_of(samples), counted(samples)))
    assert sum(line.startswith(("i0", "i1")) for line in lines) == MOST_ROWS
    assert "and 5 more, in the report" in lines
    assert lines.index(counted(samples)[0]) < lines.index("and 5 more, in the report")
