"""The lines of a file, whatever is blank in it."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.operations.batches.lines import Place, places


def _one_by_one(data: bytes) -> list[Place]:
    found: list[Place] = []
    end = 0
    for number, line in enumerate(data.splitlines(keepends=True) if data else [], start=1):
        end += len(line)
        if not line.isspace():
            found.append(Place(number, line, end))
    return found


@given(st.lists(st.sampled_from((b"\n", b"\n", b" ", b"\t", b"a", b"{}", b"\x85", b"\x0b"))))
def test_blank_lines_count_and_are_no_requests(pieces: list[bytes]) -> None:
    # Only \n ends a line here; \v and the like are blank.
    data = b"".join(pieces)
    lines = list(places(data))
    assert lines == _one_by_one(data)
    for first in lines:
        rest = places(data, start=first.end, number=first.number)
        assert list(rest) == [line for line in lines if line.number > first.number]


def test_a_file_of_nothing_but_ends_of_lines_is_passed_over() -> None:
    blanks = b"\n" * 20_000_000
    assert list(places(blanks)) == []
    assert list(places(blanks + b"{}")) == [Place(20_000_001, b"{}", 20_000_002)]
