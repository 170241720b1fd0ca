"""Filtered answers: plain bodies and streams, generated, recorded or live."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Literal

import msgspec
from msgspec import structs

from simulator.concurrency import off_loop
from simulator.content_filter.async_stream import AsyncChoiceStream
from simulator.content_filter.choice_stream import ChoiceStream
from simulator.content_filter.choices import filter_choices
from simulator.content_filter.course import Course, through
from simulator.content_filter.findings import labels
from simulator.content_filter.images import note_images
from simulator.content_filter.makers import block_choices
from simulator.content_filter.response_stream import ResponseStream
from simulator.content_filter.responses import filter_response
from simulator.content_filter.screening import Screening
from simulator.content_filter.slots import Json
from simulator.content_filter.tally import Tally
from simulator.content_filter.unavailable import UnfilteredStream, leave_unfiltered
from simulator.content_filter.usage import reduced
from simulator.json_layout import laid_out_like
from simulator.messages import Answer, Chunk, LateFacts

Shape = Literal["text", "responses", "images", "embeddings", "makers"]
"""The shape in which an operation shows what the filter found; `makers` is that of chats with models of
other makers."""

_WITH_CHOICES = ("text", "makers")
_OBJECT = msgspec.json.Decoder(dict[str, object])


async def filtered(answer: Answer, screening: Screening, shape: Shape) -> Answer:
    """The answer as the filter lets it pass; one that is an error, or was filtered, stays."""
    if answer.status >= 300 or answer.filter is not None or not screening.changes_answer:
        return answer
    if shape == "embeddings" or (screening.unavailable and shape not in _WITH_CHOICES):
        return answer
    size = 1
    if isinstance(answer.chunks, tuple):
        # Events are decoded and written anew, which takes as long as parsing three times as much.
        size = 3 * sum(len(chunk.data) for chunk in answer.chunks)
    return await off_loop(size, lambda: _filtered(answer, screening, shape))


def filtered_body(body: Json, screening: Screening) -> Json:
    """A response as it is to be stored."""
    copy: Json = _OBJECT.decode(msgspec.json.encode(body))
    filter_response(copy, screening, Tally())
    return copy


def _filtered(answer: Answer, screening: Screening, shape: Shape) -> Answer:
    chunks = answer.chunks
    if not answer.streamed and isinstance(chunks, tuple):
        return _plain(answer, chunks, screening, shape)
    if shape == "images" or not answer.streamed:
        return answer
    course = _course(screening, shape)
    if isinstance(chunks, tuple):
        kept = tuple(through(course, chunks))
        usage = reduced(answer.usage, course.tally.removed)
        return structs.replace(answer, chunks=kept, usage=usage, filter=labels(course.tally.found))
    ending = answer.ending or LateFacts()
    tail = _Tail(answer, ending, course)
    made = _live(chunks, course, tail) if isinstance(chunks, AsyncIterator) else tail.after(chunks)
    return structs.replace(answer, chunks=made, ending=ending, filter="")


def _course(screening: Screening, shape: Shape) -> Course:
    if screening.unavailable:
        return UnfilteredStream()
    if shape == "responses":
        return ResponseStream(screening)
    return AsyncChoiceStream(screening) if screening.asynchronous else ChoiceStream(screening)


def _plain(answer: Answer, chunks: tuple[Chunk, ...], screening: Screening, shape: Shape) -> Answer:
    data = b"".join([chunk.data for chunk in chunks])
    try:
        body: Json = _OBJECT.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return answer
    tally = Tally()
    match shape:
        case "text" | "makers" if screening.unavailable:
            leave_unfiltered(body)
        case "responses":
            filter_response(body, screening, tally)
        case "images":
            note_images(body, screening)
        case _:
            filter_choices(body, screening, tally)
    due = chunks[-1].due if chunks else 0.0
    blocked = shape == "makers" and bool(tally.found)
    if blocked:
        block_choices(body)
    return structs.replace(
        answer,
        status=400 if blocked else answer.status,
        chunks=(Chunk(laid_out_like(data, body), due),),
        usage=reduced(answer.usage, tally.removed),
        filter=labels(tally.found),
    )


class _Tail:
    """Reports what is known of a stream when its last chunk has left."""

    def __init__(self, answer: Answer, ending: LateFacts, course: Course) -> None:
        self._usage = answer.usage
        self._ending = ending
        self._course = course

    def after(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        yield from through(self._course, chunks)
        self.report()

    def report(self) -> None:
        tally = self._course.tally
        self._ending.usage = reduced(self._ending.usage or self._usage, tally.removed)
        self._ending.filter = labels(tally.found)


async def _live(chunks: AsyncIterator[Chunk], course: Course, tail: _Tail) -> AsyncGenerator[Chunk]:
    try:
        async for chunk in chunks:
            for made in course.feed(chunk):
                yield made
        for made in course.end():
            yield made
    finally:
        tail.report()
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
