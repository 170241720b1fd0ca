from collections.abc import AsyncIterator

import pytest

from simulator.latency import Slowdown
from simulator.messages import Answer, Chunk, Usage
from simulator.modes.slowing import slowed

STREAM = Answer.stream((Chunk(b"a", 1.0), Chunk(b"b", 1.5), Chunk(b"c", 3.0)))


def moments(answer: Answer) -> list[float]:
    assert isinstance(answer.chunks, tuple)
    return [chunk.due for chunk in answer.chunks]


@pytest.mark.parametrize(
    ("slowdown", "expected"),
    [
        (None, [1.0, 1.5, 3.0]),
        (Slowdown(factor=2), [2.0, 3.0, 6.0]),
        (Slowdown(first=4), [4.0, 4.5, 6.0]),
        (Slowdown(between=0.25), [1.0, 1.25, 1.5]),
        (Slowdown(first=0.5, between=1, factor=2), [1.0, 3.0, 5.0]),
    ],
)
def test_the_chunks_of_a_recorded_stream_keep_or_change_their_gaps(
    slowdown: Slowdown | None, expected: list[float]
) -> None:
    assert moments(slowed(STREAM, slowdown)) == pytest.approx(expected)


def test_a_plain_answer_takes_what_its_tokens_take() -> None:
    plain = Answer.plain(b"{}", due=2.0, usage=Usage(1, 10))
    assert moments(slowed(plain, Slowdown(factor=3))) == [pytest.approx(6.0)]
    assert moments(slowed(plain, Slowdown(first=1, between=0.1))) == [pytest.approx(1.9)]
    assert moments(slowed(Answer.plain(b"{}"), Slowdown(factor=2), taken=1.5)) == [3.0]


class Live:
    """A stream whose chunks come at these gaps; its clock is moved by it and by those who wait."""

    def __init__(self, *gaps: float) -> None:
        self.gaps = iter(gaps)
        self.now = 100.0
        self.closed = False

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self

    async def __anext__(self) -> Chunk:
        try:
            self.now += next(self.gaps)
        except StopIteration:
            raise StopAsyncIteration from None
        return Chunk(b"x")

    async def aclose(self) -> None:
        self.closed = True


async def arrivals(slowdown: Slowdown, *gaps: float) -> list[float]:
    live = Live(*gaps)
    answer = Answer(200, live, streamed=True)
    slow = slowed(answer, slowdown, clock=live.clock, sleep=live.sleep)
    assert isinstance(slow.chunks, AsyncIterator)
    return [live.now - 100 async for _ in slow.chunks]


async def test_a_live_stream_is_held_back_and_never_hurried() -> None:
    assert await arrivals(Slowdown(factor=2), 1, 1) == pytest.approx([2, 4])
    assert await arrivals(Slowdown(first=3, between=0.5), 1, 1, 0.1) == pytest.approx([3, 4, 4.5])
    assert await arrivals(Slowdown(factor=0.1), 1, 1) == pytest.approx([1, 2])


async def test_a_client_that_leaves_ends_the_source() -> None:
    live = Live(1, 1)
    slow = slowed(Answer(200, live, streamed=True), Slowdown(factor=2))
    await slow.chunks.aclose()  # type: ignore[union-attr]
    assert live.closed
