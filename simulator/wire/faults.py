"""Faults of answers: streams that end, stall or break, and bodies that lack something."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct, structs

from simulator.concurrency import Ending, close
from simulator.errors import ApiError
from simulator.messages import Answer, Breakage, Chunk, is_event_stream
from simulator.wire.broken_bodies import (
    ERROR,
    ERROR_BODY,
    OVERLOADED_BODY,
    error_body,
    failed,
    first_half,
    is_queued,
    later,
    malformed,
    members_of,
    second_half,
    whole,
    without_usage,
)
from simulator.wire.sse import event

SpoilKind = Literal[
    "disconnect", "truncate", "stall", "malformed", "error_event", "failed_event", "empty",
    "no_usage",
]  # fmt: skip

# A token in the events of each operation.
_TOKEN = re.compile(
    rb'"(?:content|arguments|text)":"(?!")|"type":"[a-z_.]+\.(?:delta|partial_image)"'
)
_PIECES = (b".delta", b".partial_image", b": content_block_delta")
_NUMBER = re.compile(rb'"sequence_number":(\d+)')
_USAGE = re.compile(rb'"usage": ?\{')


class Spoil(Struct, frozen=True):
    """A fault of an answer that has begun: it comes after a number of events or tokens."""

    kind: SpoilKind
    after: int = 1
    by_tokens: bool = True
    seconds: float = 0.0


class Fault(Struct, frozen=True):
    """A refusal, which includes connections that are reset or hang, or a spoiled answer; `kind` is its
    name in rules."""

    kind: str
    charged: bool
    refusal: ApiError | None = None
    spoil: Spoil | None = None

    @property
    def fails(self) -> bool:
        """Return True if a response with it is stored as one that failed."""
        return self.spoil is not None and self.spoil.kind == "failed_event"


def spoiled(answer: Answer, spoil: Spoil, *, stored: bool = True) -> Answer:
    """The answer with the fault in it; an answer that is an error stays as it is.

    A response in the background that is `stored` here fails when it is done, any other one at once.
    """
    if answer.status >= 300:
        return answer
    if spoil.kind == "empty":
        return structs.replace(answer, chunks=(Chunk(b""),))
    if spoil.kind == "failed_event" and stored and _is_queued(answer):
        return answer
    broken = _spoiled_stream if is_event_stream(answer.content_type) else _spoiled_body
    spoiled = broken(answer, spoil)
    breakage = Breakage("cut") if spoil.kind == "disconnect" else None
    return structs.replace(spoiled, breakage=breakage)


def spoiled_events(chunks: Sequence[Chunk], fault: Fault) -> Sequence[Chunk]:
    """Return the events of a stream with the fault in them."""
    spoil = fault.spoil
    return chunks if spoil is None else tuple(_Course(spoil).through(iter(chunks)))


def _spoiled_body(answer: Answer, spoil: Spoil) -> Answer:
    chunks = answer.chunks
    if isinstance(chunks, AsyncIterator):  # An extension's, of a length that nobody knows.
        return _spoiled_stream(answer, spoil)
    chunks = tuple(chunks)
    match spoil.kind:
        case "disconnect" | "truncate":
            return structs.replace(answer, chunks=tuple(first_half(chunks)))
        case "stall":
            return structs.replace(answer, chunks=_stalled(answer, chunks, spoil.seconds))
        case "malformed":
            return structs.replace(answer, chunks=whole(chunks, malformed))
        case "no_usage":
            return structs.replace(answer, chunks=whole(chunks, without_usage))
        case "failed_event":
            chunks = whole(chunks, lambda body: failed(body) or error_body(body))
        case _:
            chunks = whole(chunks, error_body)
    return structs.replace(answer, chunks=chunks, content_type="application/json")


def _is_queued(answer: Answer) -> bool:
    """Return True for a response in the background, which fails where it is stored."""
    chunks = answer.chunks
    return isinstance(chunks, tuple) and len(chunks) == 1 and is_queued(chunks[0].data)


def _stalled(answer: Answer, chunks: tuple[Chunk, ...], seconds: float) -> tuple[Chunk, ...]:
    """A body that leaves piece by piece pauses in the middle, one that leaves whole before it leaves."""
    if answer.streamed:
        return (*first_half(chunks), *later(second_half(chunks), seconds))
    return tuple(later(chunks, seconds))


def _spoiled_stream(answer: Answer, spoil: Spoil) -> Answer:
    chunks = answer.chunks
    course = _Course(spoil)
    if isinstance(chunks, AsyncIterator):
        live = Ending(_live(chunks, course), lambda: close(chunks))
        return structs.replace(answer, chunks=live)
    made = course.through(iter(chunks))
    return structs.replace(answer, chunks=tuple(made) if isinstance(chunks, tuple) else made)


class _Course:
    """The course of a stream: how far it is, and what becomes of its next chunk."""

    def __init__(self, spoil: Spoil) -> None:
        self._spoil = spoil
        self._passed = 0
        self._done = False
        self._first = b""
        self.ended = False

    def through(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        delay = 0.0
        for chunk in chunks:
            stall, data = self.next(chunk.data)
            delay += stall
            if data:
                yield Chunk(data, chunk.due + delay)
            if self.ended:
                return

    def next(self, data: bytes) -> tuple[float, bytes]:
        """Seconds to wait before it, and what leaves in its place; nothing for b""."""
        if self._spoil.kind == "no_usage":
            return 0.0, _event_without_usage(data)
        self._first = self._first or _created(data)
        if self._done or self._passed < self._spoil.after:
            self._passed += not self._spoil.by_tokens or _is_token(data)
            return 0.0, data
        self._done = True
        return self._struck(data)

    def _struck(self, data: bytes) -> tuple[float, bytes]:
        match self._spoil.kind:
            case "stall":
                return self._spoil.seconds, data
            case "malformed":
                return 0.0, data[: len(data) // 2].rstrip() + b"\n\n"
            case "error_event":
                self.ended = True
                return 0.0, _error_event(data)
            case "failed_event":
                self.ended = True
                return 0.0, _failed_event(self._first, data)
            case _:
                self.ended = True
                return 0.0, b""


async def _live(chunks: AsyncIterator[Chunk], course: _Course) -> AsyncGenerator[Chunk]:
    async for chunk in chunks:
        stall, data = course.next(chunk.data)
        if stall:
            await asyncio.sleep(stall)
        if data:
            yield Chunk(data, chunk.due)
        if course.ended:
            return


def _is_token(data: bytes) -> bool:
    if data.startswith(b"event: "):
        return data.partition(b"\n")[0].endswith(_PIECES)
    return _TOKEN.search(data) is not None


def _numbered(data: bytes) -> dict[str, int]:
    """The number of the event, where events have one."""
    found = _NUMBER.search(data)
    return {"sequence_number": int(found[1])} if found else {}


def _error_event(data: bytes) -> bytes:
    """In the words of the API at hand: events of Responses have names, and the
    shape that clients' code handles; the message, and the error of chat, are our choice."""
    if data.startswith(_ANTHROPICS):
        return event(OVERLOADED_BODY, "error")
    if not data.startswith(b"event: "):
        return event(ERROR_BODY)
    number = _numbered(data)
    error = _THROTTLED if number else ERROR
    return event(msgspec.json.encode({"type": "error", "error": error, **number}), "error")


_ANTHROPICS = (b"event: message", b"event: content_block", b"event: ping")
_THROTTLED = {
    "type": "too_many_requests",
    "code": "rate_limit_exceeded",
    "headers": {"x-ms-fe-error": "true"},
    "message": "Too many requests. Please try again later.",
    "param": None,
}


def _created(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\ndata: ")
    return rest if head == b"event: response.created" else b""


def _failed_event(first: bytes, data: bytes) -> bytes:
    members = members_of(first) or {}
    response = failed(bytes(members.get("response", b"")))
    if response is None:
        return _error_event(data)
    body = {"type": "response.failed", "response": msgspec.Raw(response), **_numbered(data)}
    return event(msgspec.json.encode(body), "response.failed")


def _event_without_usage(data: bytes) -> bytes:
    if not _USAGE.search(data):
        return data
    head, _, rest = data.partition(b"data: ")
    members = members_of(rest)
    if members is None:
        return data
    if response := members_of(bytes(members.get("response", b""))):
        unused = {**members, "response": {**response, "usage": None}}
        return head + event(msgspec.json.encode(unused))
    if message := members_of(bytes(members.get("message", b""))):
        message.pop("usage", None)
        return head + event(msgspec.json.encode({**members, "message": message}))
    if members.get("choices") == msgspec.Raw(b"[]"):
        return b""
    members.pop("usage", None)
    return head + event(msgspec.json.encode(members))
