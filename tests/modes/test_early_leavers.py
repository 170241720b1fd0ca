"""Clients that close a stream at its `finish_reason`: the rest of the answer is read and recorded."""

import asyncio

import pytest

from tests.modes.calls import asking, body_of

TEXT = b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":null,"index":0}]}\n\n'
FINISHES = [
    b'data: {"choices":[{"delta":{},"finish_reason":"stop","index":0}]}\n\n',
    b'data: {"choices":[{"delta":{},"finish_reason": "tool_calls","index":0}]}\n\n',
]
REST = (
    b'data: {"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11}}\n\n'
)
DONE = b"data: [DONE]\n\n"


class Upstream:
    """Streams these events, and the rest when a test says so."""

    def __init__(self, *begun):
        self.begun = begun
        self.opened = asyncio.Event()

    async def __call__(self, writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for event in self.begun:
            await writer.chunk(event)
        await self.opened.wait()
        for event in (REST, DONE, b""):
            await writer.chunk(event)


class Endless:
    """Streams these events, then others for as long as somebody reads."""

    def __init__(self, *begun, more=TEXT, pause=0.001):
        self.begun, self.more, self.pause = begun, more, pause

    async def __call__(self, writer, asked):
        await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
        for event in self.begun:
            await writer.chunk(event)
        while True:
            await writer.chunk(self.more)
            await asyncio.sleep(self.pause)


async def left(world, upstream, events, **options):
    """A recorder whose client has read so many events and has closed the stream."""
    world.served.behaviours["leaver"] = upstream
    record = world.record(**options)
    answer = await record.answer(asking("leaver"))
    for _ in range(events):
        await anext(answer.chunks)
    await answer.chunks.aclose()
    return record


@pytest.mark.parametrize("finish", FINISHES)
async def test_the_rest_is_read_and_stored(quick, finish):
    upstream = Upstream(TEXT, finish)
    record = await left(quick, upstream, 2)
    equal = asyncio.ensure_future(record.answer(asking("leaver")))
    await asyncio.sleep(0)
    upstream.opened.set()
    assert (await equal).headers["x-recording"] == "hit"
    replayed = await quick.replay().answer(asking("leaver"))
    assert await body_of(replayed) == TEXT + finish + REST + DONE
    assert len(quick.served.asked) == 1


async def test_before_the_finish_nothing_is_read_any_more(quick):
    await left(quick, Endless(TEXT, TEXT), 1)
    await asyncio.wait_for(quick.served.hung_up.wait(), 5)
    assert await quick.names() == []


async def test_a_rest_that_does_not_come_in_time_is_given_up(quick):
    await left(quick, Endless(TEXT, FINISHES[0]), 2, rest_wait=0.01)
    await asyncio.wait_for(quick.served.hung_up.wait(), 5)
    assert await quick.names() == []


async def test_a_rest_without_end_is_given_up_at_its_bound(quick):
    more = TEXT * 1_000
    record = await left(quick, Endless(TEXT, FINISHES[0], more=more), 2, rest_wait=600)
    equal = asyncio.ensure_future(record.answer(asking("leaver")))
    await asyncio.wait_for(quick.served.hung_up.wait(), 10)
    assert await quick.names() == []
    await (await equal).chunks.aclose()


async def test_a_second_closing_changes_nothing(quick):
    upstream = quick.served.behaviours["leaver"] = Upstream(TEXT, FINISHES[0])
    record = quick.record()
    answer = await record.answer(asking("leaver"))
    for _ in range(2):
        await anext(answer.chunks)
    for _ in range(2):
        await answer.chunks.aclose()
    upstream.opened.set()
    equal = await record.answer(asking("leaver"))
    assert equal.headers["x-recording"] == "hit"


FILTERED = (
    b'{"error":{"message":"filtered","type":null,"param":"prompt","code":"content_filter","status":400,'
    b'"innererror":{"code":"ResponsibleAIPolicyViolation"}}}'
)


async def filtered(writer, asked):
    await writer.whole(FILTERED, 400, x_request_id="r-1")


@pytest.mark.parametrize(
    ("errors", "behaviour", "recorded"),
    [
        ((), "filtered", False),
        (("429",), "filtered", False),
        (("400",), "filtered", True),
        (("content_filter",), "filtered", True),
        (("ResponsibleAIPolicyViolation",), "filtered", True),
        (("content_filter",), "limited", False),
        (("429",), "limited", True),
        (("content_filter", "429"), "limited", True),
        (("500",), "broken", True),
        (("oh",), "broken", False),
        (("302",), "redirect", False),
    ],
)
async def test_the_errors_that_are_named_are_recorded(quick, errors, behaviour, recorded):
    quick.served.behaviours["filtered"] = filtered
    answer = await quick.record(errors=errors).answer(asking(behaviour))
    body = await body_of(answer)
    assert answer.headers.get("x-recording") == ("stored" if recorded else None)
    assert len(await quick.recordings()) == recorded
    if recorded:
        replayed = await quick.replay().answer(asking(behaviour))
        assert (replayed.status, await body_of(replayed)) == (answer.status, body)


async def test_a_recorded_429_has_its_retry_after(quick):
    await quick.record(errors=("429",)).answer(asking("limited"))
    replayed = await quick.replay().answer(asking("limited"))
    assert replayed.headers["retry-after"] == "2"
    assert "x-request-id" not in replayed.headers
