import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.latency import AT_ONCE
from simulator.messages import Answer, Chunk
from simulator.pacing import Pacer, Turn, ended, pushed
from tests.support.clock import Clock

times = st.floats(0, 10, allow_nan=False)


class SleptOn(Clock):
    """Notes the seconds that have been slept, each `late` seconds too long."""

    def __init__(self, late: float = 0.0) -> None:
        super().__init__(100.0)
        self.slept: list[float] = []
        self._late = late

    async def until(self, moment: float) -> None:
        self.slept.append(moment - self.now)
        self.now = max(self.now, moment + self._late)


def stream_of(*due: float) -> Answer:
    chunks = tuple(Chunk(b"%d;" % index, moment) for index, moment in enumerate(due))
    return Answer(200, chunks, streamed=True)


async def collected(body: bytes | AsyncIterator[bytes]) -> list[bytes]:
    return [body] if isinstance(body, bytes) else [piece async for piece in body]


async def test_what_is_due_at_once_never_sleeps_nor_asks_the_time() -> None:
    def no_clock() -> float:
        raise AssertionError

    clock = SleptOn()
    body = await Pacer(no_clock, clock.until).pace(stream_of(*[AT_ONCE.at(9)] * 50), arrived=100)
    assert body == b"".join(b"%d;" % index for index in range(50))
    assert clock.slept == []


async def test_the_time_spent_before_is_counted_in() -> None:
    clock = SleptOn()
    clock.now += 0.3
    await Pacer(clock, clock.until).pace(Answer.plain(b"{}", due=1.0), arrived=100.0)
    assert clock.slept == [pytest.approx(0.7)]


async def test_what_is_overdue_is_not_waited_for() -> None:
    clock = SleptOn()
    clock.now += 2
    body = await Pacer(clock, clock.until).pace(Answer.plain(b"{}", due=1.0), arrived=100.0)
    assert (body, clock.slept) == (b"{}", [])


async def test_an_empty_answer_that_is_waited_for_is_empty() -> None:
    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(
        Answer(200, (Chunk(b"", 0.5),), streamed=True), arrived=100.0
    )
    assert (body, clock.slept) == (b"", [pytest.approx(0.5)])


async def test_each_chunk_of_a_stream_leaves_at_its_moment() -> None:
    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(stream_of(0.5, 0.6, 0.7), arrived=100.0)
    assert await collected(body) == [b"0;", b"1;", b"2;"]
    assert clock.slept == pytest.approx([0.5, 0.1, 0.1])


async def test_the_headers_wait_for_the_first_chunk() -> None:
    clock = SleptOn()
    await Pacer(clock, clock.until).pace(stream_of(0.5, 5.0), arrived=100.0)
    assert clock.slept == [pytest.approx(0.5)]


async def test_chunks_that_are_due_leave_in_one_write() -> None:
    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(stream_of(0.1, 0.1, 0.1, 0.3, 0.3), arrived=100.0)
    assert await collected(body) == [b"0;1;2;", b"3;4;"]


async def test_a_late_wake_up_is_made_good_by_the_next_chunks() -> None:
    clock = SleptOn(late=0.25)
    body = await Pacer(clock, clock.until).pace(stream_of(0.1, 0.2, 0.3, 0.4), arrived=100.0)
    assert await collected(body) == [b"0;1;2;", b"3;"]
    assert clock.slept == pytest.approx([0.1, 0.05])


async def test_an_early_wake_up_does_not_hold_a_chunk_back() -> None:
    clock = SleptOn(late=-0.001)
    body = await Pacer(clock, clock.until).pace(stream_of(0.1, 0.2), arrived=100.0)
    assert await collected(body) == [b"0;", b"1;"]


async def test_an_answer_without_chunks_has_an_empty_body() -> None:
    clock = SleptOn()
    assert await Pacer(clock, clock.until).pace(Answer(204, ()), arrived=100.0) == b""


@given(st.lists(st.floats(0, 5), min_size=1, max_size=30))
async def test_every_chunk_leaves_once_in_order_and_never_early(due: list[float]) -> None:
    due.sort()
    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(stream_of(*due), arrived=100.0)
    left: list[bytes] = []
    if isinstance(body, bytes):
        left.append(body)
    else:
        async for piece in body:
            last = int(piece.rstrip(b";").split(b";")[-1])
            assert clock.now - 100.0 >= due[last] - 1e-9
            left.append(piece)
    assert b"".join(left) == b"".join(b"%d;" % index for index in range(len(due)))
    assert clock.now - 100.0 == pytest.approx(due[-1])


async def test_who_takes_the_pieces_slowly_gets_what_was_due_meanwhile_in_one() -> None:
    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(stream_of(0.1, 0.2, 0.3, 0.4, 9.0), arrived=100.0)
    assert not isinstance(body, bytes)
    pieces = [await anext(body)]
    clock.now += 1
    pieces.append(await anext(body))
    assert pieces == [b"0;", b"1;2;3;"]


class Upstream:
    """A live stream that knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def chunks(self) -> AsyncIterator[Chunk]:
        try:
            for _ in range(10):
                yield Chunk(b"data", due=1e6)
        finally:
            self.closed = True


async def test_a_live_upstream_is_passed_on_without_waiting() -> None:
    clock, upstream = SleptOn(), Upstream()
    body = await Pacer(clock, clock.until).pace(Answer(200, upstream.chunks()), arrived=0.0)
    assert await collected(body) == [b"data"] * 10
    assert clock.slept == []


async def test_a_client_that_leaves_closes_the_upstream_at_once() -> None:
    clock, upstream = SleptOn(), Upstream()
    body = await Pacer(clock, clock.until).pace(Answer(200, upstream.chunks()), arrived=0.0)
    assert not isinstance(body, bytes)
    assert await anext(body) == b"data"
    await body.aclose()  # type: ignore[attr-defined]  # what a server does when its client is gone
    assert upstream.closed


class Plain:
    """An iterator that is no generator, and has nothing to close."""

    def __init__(self) -> None:
        self._left = 2

    def __aiter__(self) -> "Plain":
        return self

    async def __anext__(self) -> Chunk:
        if not self._left:
            raise StopAsyncIteration
        self._left -= 1
        return Chunk(b"x")


async def test_any_iterator_of_chunks_is_passed_on() -> None:
    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(Answer(200, Plain()), arrived=0.0)
    assert await collected(body) == [b"x", b"x"]


async def test_a_very_large_stream_is_made_while_it_leaves() -> None:
    made = 0

    def chunks() -> Iterator[Chunk]:
        nonlocal made
        for _ in range(10_000):
            made += 1
            yield Chunk(b"a")

    clock = SleptOn()
    body = await Pacer(clock, clock.until).pace(Answer(200, chunks(), streamed=True), 0.0)
    assert not isinstance(body, bytes)
    first = await anext(aiter(body))
    assert len(first) <= made < 1_000
    rest = [piece async for piece in body]
    assert len(first + b"".join(rest)) == 10_000


async def test_a_very_large_stream_keeps_its_moments() -> None:
    now = 0.0

    async def until(moment: float) -> None:
        nonlocal now
        now = max(now, moment)

    chunks = (Chunk(b"%d," % at, due=float(at)) for at in range(600))
    body = await Pacer(lambda: now, until).pace(Answer(200, chunks, streamed=True), 0.0)
    assert not isinstance(body, bytes)
    async for piece in body:
        assert now == int(piece.rstrip(b","))
    assert now == 599


class Turns:
    """Holds the turns that are to be given, until a test lets time pass."""

    def __init__(self, clock: SleptOn) -> None:
        self.clock = clock
        self.waiting: list[tuple[float, Turn]] = []

    def call(self, moment: float, turn: Turn) -> None:
        self.waiting.append((moment, turn))

    def leave(self, moment: float, turn: Turn) -> None:
        self.waiting = [one for one in self.waiting if one != (moment, turn)]

    def go_on(self) -> None:
        moment, turn = self.waiting.pop(0)
        self.clock.now = moment
        following = turn(moment)
        if following is not None:
            self.call(following, turn)


class Pushing:
    """A stream that is pushed to a client, who has room for pieces or not."""

    def __init__(self, *due: float) -> None:
        self.clock = SleptOn()
        self.turns = Turns(self.clock)
        self.due = due
        self.written: list[tuple[float, bytes]] = []
        self.room = True
        self.ended = 0

    async def begin(self) -> None:
        pacer = Pacer(self.clock, self.clock.until, self.turns)
        body = await pacer.pace(stream_of(*self.due), arrived=100.0)
        assert not isinstance(body, bytes)
        self.body = pushed(ended(body, self.end))

    async def end(self) -> None:
        self.ended += 1

    async def push(self) -> "asyncio.Future[bool]":
        assert self.body is not None
        pushing = asyncio.ensure_future(self.body.push(self.write))
        await asyncio.sleep(0)
        return pushing

    def write(self, piece: bytes) -> bool:
        if piece == b"3;":
            raise ConnectionResetError
        self.written.append((self.clock.now, piece))
        return self.room


async def test_pieces_are_pushed_at_their_moments() -> None:
    stream = Pushing(0.5, 0.7, 0.7)
    await stream.begin()
    pushing = await stream.push()
    assert stream.written == [(100.5, b"0;")]
    stream.turns.go_on()
    assert await pushing is True
    assert stream.written[1:] == [(100.7, b"1;2;")]
    assert (stream.turns.waiting, stream.ended) == ([], 1)


async def test_without_room_nothing_is_pushed_until_there_is_again() -> None:
    stream = Pushing(0.5, 0.6, 0.7)
    await stream.begin()
    stream.room = False
    assert await (await stream.push()) is False
    assert (stream.turns.waiting, stream.ended) == ([], 0)
    stream.clock.now = 109.0
    stream.room = True
    assert await (await stream.push()) is True
    assert stream.written == [(100.5, b"0;"), (109.0, b"1;2;")]


async def test_where_there_is_room_again_before_the_next_moment_that_is_waited_for() -> None:
    stream = Pushing(0.5, 0.6)
    await stream.begin()
    stream.room = False
    assert await (await stream.push()) is False
    stream.room = True
    pushing = await stream.push()
    assert len(stream.written) == 1
    stream.turns.go_on()
    assert await pushing is True
    assert stream.written[1:] == [(100.6, b"1;")]


async def test_a_push_that_is_cancelled_leaves_nothing_behind() -> None:
    stream = Pushing(0.5, 0.6)
    await stream.begin()
    pushing = await stream.push()
    (_, turn) = stream.turns.waiting[0]
    pushing.cancel()
    assert turn(100.6) is None  # in the same turn of the loop
    await asyncio.wait([pushing])
    assert pushing.cancelled()
    assert (stream.turns.waiting, stream.ended) == ([], 1)
    assert len(stream.written) == 1


async def test_a_push_that_is_cancelled_when_all_is_written_is_cancelled() -> None:
    stream = Pushing(0.5, 0.6)
    await stream.begin()
    pushing = await stream.push()
    stream.turns.go_on()
    pushing.cancel()
    await asyncio.wait([pushing])
    assert pushing.cancelled()
    assert len(stream.written) == 2


async def test_the_chunks_that_have_left_are_counted_as_they_are_pushed() -> None:
    stream = Pushing(0.5, 0.6, 0.6, 0.7)
    await stream.begin()
    assert stream.body is not None
    assert stream.body.left == 0
    pushing = await stream.push()
    assert stream.body.left == 1
    stream.turns.go_on()
    assert stream.body.left == 3
    pushing.cancel()
    await asyncio.wait([pushing])
    assert stream.body.left == 3


async def test_who_cannot_write_gets_the_error_and_not_the_ticker() -> None:
    stream = Pushing(0.1, 0.2, 0.3, 0.4)
    await stream.begin()
    pushing = await stream.push()
    for _ in range(3):
        stream.turns.go_on()
    with pytest.raises(ConnectionResetError):
        await pushing
