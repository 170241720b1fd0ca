import asyncio
import gc
import json
from typing import Any

import pytest

from simulator.messages import Answer, Chunk, Usage
from simulator.telemetry.observer import Telemetry
from simulator.telemetry.request_line import RequestLine, json_line
from simulator.telemetry.request_log import RequestLog
from tests.support.clock import Clock
from tests.telemetry.requests import answered, seen

ACTIVE = "aoai-api-simulator.streams.active"
FIRST = "gen_ai.server.time_to_first_token"
CHUNKS = (Chunk(b"one", 0.5), Chunk(b"two", 2.5))


class World:
    """Telemetry with a clock that moves as pieces are asked for."""

    def __init__(self, metrics):
        self.clock = Clock(100.0)
        self.lines = []
        self.metrics = metrics
        instruments = metrics and metrics.instruments
        log = RequestLog(self.lines.extend)
        self.telemetry = Telemetry(log, self.clock, lambda: 0.0, instruments)

    def stream(self, *pauses, live=False, fails=None):
        """The body that is sent of a stream whose pieces come after so many seconds each."""

        async def pieces():
            for pause in pauses:
                self.clock.now += pause
                yield b"piece"
            if fails:
                raise fails

        chunks: Any = pieces() if live else CHUNKS
        answer = Answer(200, chunks, streamed=True, usage=Usage(9, 3))
        return self.telemetry.observe(seen(answer), pieces())

    def active(self):
        return [value for _, value in self.metrics.read().get(ACTIVE, [])]

    def line(self):
        self.telemetry.flush()
        assert len(self.lines) == 1
        return json.loads(self.lines[0])


@pytest.fixture
def world(metrics, caplog):
    caplog.set_level("INFO")
    return World(metrics)


def test_a_plain_answer_is_reported_at_once(world) -> None:
    world.clock.now += 0.75
    assert world.telemetry.observe(seen(), b"body") == b"body"
    assert (world.line()["seconds"], "first_token_seconds" in world.line()) == (0.75, False)


def test_a_stream_that_leaves_in_one_piece_has_its_first_token_with_the_last(world) -> None:
    world.clock.now += 0.75
    world.telemetry.observe(seen(Answer(200, CHUNKS, streamed=True)), b"all")
    assert (world.line()["seconds"], world.line()["first_token_seconds"]) == (0.75, 0.75)


def test_an_error_that_is_chunked_has_no_first_token(world) -> None:
    world.telemetry.observe(seen(Answer(404, CHUNKS, streamed=True)), b"no")
    assert "first_token_seconds" not in world.line()


async def test_the_pieces_of_a_stream_pass_unchanged(world) -> None:
    assert [piece async for piece in world.stream(0, 0)] == [b"piece", b"piece"]


async def test_a_paced_streams_first_token_leaves_when_its_body_begins(world) -> None:
    world.clock.now += 0.5
    assert [piece async for piece in world.stream(0, 2)]
    assert (world.line()["first_token_seconds"], world.line()["seconds"]) == (0.5, 2.5)


async def test_a_live_streams_first_token_leaves_with_its_first_piece(world) -> None:
    assert [piece async for piece in world.stream(0.5, 2, live=True)]
    assert (world.line()["first_token_seconds"], world.line()["seconds"]) == (0.5, 2.5)


async def test_the_time_to_the_first_token_is_measured_by_the_clock(world) -> None:
    assert [piece async for piece in world.stream(0.5, 2, live=True)]
    [(_, value)] = world.metrics.read()[FIRST]
    assert value == (1, 0.5)


async def test_a_stream_is_active_while_it_is_sent(world) -> None:
    body = world.stream(0, 0)
    await anext(body)
    assert world.active() == [1]


async def test_a_stream_that_has_ended_is_not_active(world) -> None:
    assert [piece async for piece in world.stream(0, 0)]
    assert (world.active(), world.line().get("cut")) == ([0], None)


async def test_a_stream_whose_client_leaves_is_not_active(world) -> None:
    body = world.stream(0, 0)
    await anext(body)
    del body
    gc.collect()
    assert (world.active(), world.line()["cut"]) == ([0], True)


async def test_a_stream_whose_client_left_before_it_began_is_not_active(world) -> None:
    del_me = world.stream(0, 0)
    del del_me
    gc.collect()
    assert (world.active(), world.line()["cut"]) == ([0], True)


async def test_a_stream_that_breaks_off_is_not_active(world) -> None:
    body = world.stream(0, fails=ConnectionError())
    with pytest.raises(ConnectionError):
        assert [piece async for piece in body]
    assert (world.active(), world.line()["cut"]) == ([0], True)


async def test_a_stream_that_is_cancelled_is_reported_once(world) -> None:
    async def send(body):
        assert [piece async for piece in body]

    task = asyncio.create_task(send(world.stream(0, fails=asyncio.CancelledError())))
    await asyncio.wait([task])
    gc.collect()
    assert (task.cancelled(), world.line()["cut"]) == (True, True)


async def test_a_stream_is_left_alone_where_nobody_wants_to_know(caplog) -> None:
    caplog.set_level("WARNING", logger="")
    quiet = World(None)
    body = quiet.stream(0)
    assert type(body).__name__ == "async_generator"
    assert not isinstance(body, bytes)
    assert [piece async for piece in body] == [b"piece"]


async def test_streams_are_logged_where_nothing_is_measured(caplog) -> None:
    caplog.set_level("INFO")
    quiet = World(None)
    body = quiet.stream(0)
    assert not isinstance(body, bytes)
    assert [piece async for piece in body]
    quiet.telemetry.limiter_failed()
    quiet.telemetry.recording_failed()
    assert quiet.line()["status"] == 200


async def test_metrics_are_kept_where_nothing_is_logged(world, caplog) -> None:
    caplog.set_level("WARNING", logger="")
    world.telemetry.observe(seen(), b"body")
    world.telemetry.recording_failed()
    world.telemetry.limiter_failed()
    assert (world.lines, len(world.metrics.read())) == ([], 9)


async def test_a_request_is_reported_to_the_trace(metrics, caplog) -> None:
    told = []

    class Told:
        def record(self, seen, course):
            told.append((seen.operation, course.seconds))

    spans: Any = Told()
    log = RequestLog(told.extend)
    caplog.set_level("WARNING", logger="")
    telemetry = Telemetry(log, Clock(101.0), lambda: 0.0, metrics.instruments, spans=spans)
    telemetry.observe(seen(), b"body")
    assert told == [("chat_completions", 1.0)]


async def test_a_report_that_fails_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    lines: list[str] = []

    def form(line: RequestLine) -> str:
        if line.status == 201:
            raise ValueError
        return json_line(line)

    telemetry = Telemetry(RequestLog(lines.extend, form), Clock(100.0), lambda: 0.0)
    for status in (200, 201, 202):
        telemetry.observe(seen(answered(status)), b"")
    assert lines == []
    await asyncio.sleep(0)
    assert [json.loads(line)["status"] for line in lines] == [200, 202]
    assert "a request could not be reported" in caplog.text
