"""Faults of answers: streams that end, stall or break, and bodies that lack something."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from typing import Literal

import msgspec
from msgspec import Struct, structs

from simulator.concurrency import Ending, close
from simulator.errors import ApiError
from simulator.json_layout import laid_out_like
from simulator.messages import Answer, Breakage, Chunk
from simulator.wire.sse import event

SpoilKind = Literal[
    "disconnect", "truncate", "stall", "malformed", "error_event", "failed_event", "empty",
    "no_usage",
]  # fmt: skip

_TOKEN = re.compile(rb'"(?:content|arguments|text)":"(?!")')
_NUMBER = re.compile(rb'"sequence_number":(\d+)')
_MESSAGE = (
    "The server had an error processing your request. Sorry about that! You can retry your request, "
    "or contact us through an Azure support request at: "
    "https://go.microsoft.com/fwlink/?linkid=2213926 if you keep seeing this error."
)
_ERROR = {"message": _MESSAGE, "type": "server_error", "param": None, "code": "server_error"}
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


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


def spoiled(
    answer: Answer, spoil: Spoil, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Answer:
    """The answer with the fault in it; an answer that is an error stays as it is."""
    if answer.status >= 300:
        return answer
    if spoil.kind == "empty":
        return structs.replace(answer, chunks=(Chunk(b""),))
    breakage = Breakage("cut") if spoil.kind == "disconnect" else None
    chunks = answer.chunks
    if not answer.streamed and isinstance(chunks, tuple):
        body = b"".join([chunk.data for chunk in chunks])
        due = chunks[-1].due if chunks else 0.0
        whole = Chunk(_plain(body, spoil), due + spoil.seconds)
        return structs.replace(answer, chunks=(whole,), breakage=breakage)
    course = _Course(spoil)
    if isinstance(chunks, AsyncIterator):
        live = Ending(_live(chunks, course, sleep), lambda: close(chunks))
        return structs.replace(answer, chunks=live, breakage=breakage)
    made = course.through(iter(chunks))
    kept = tuple(made) if isinstance(chunks, tuple) else made
    return structs.replace(answer, chunks=kept, breakage=breakage)


def _plain(body: bytes, spoil: Spoil) -> bytes:
    match spoil.kind:
        case "disconnect" | "truncate" | "malformed":
            return body[: len(body) // 2]
        case "error_event":
            return msgspec.json.encode({"error": _ERROR})
        case "failed_event":
            failed = _failed(body)
            return msgspec.json.encode({"error": _ERROR}) if failed is None else failed
        case "no_usage":
            return _without_usage(body)
        case _:
            return body


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


async def _live(
    chunks: AsyncIterator[Chunk], course: _Course, sleep: Callable[[float], Awaitable[None]]
) -> AsyncGenerator[Chunk]:
    async for chunk in chunks:
        stall, data = course.next(chunk.data)
        if stall:
            await sleep(stall)
        if data:
            yield Chunk(data, chunk.due)
        if course.ended:
            return


def _is_token(data: bytes) -> bool:
    if data.startswith(b"event: "):
        return data.partition(b"\n")[0].endswith(b".delta")
    return _TOKEN.search(data) is not None


def _number(data: bytes) -> int:
    found = _NUMBER.search(data)
    return int(found[1]) if found else 0


def _error_event(data: bytes) -> bytes:
    """In the words of the API at hand: events of Responses have names, and the
    shape that clients' code handles; the message, and the error of chat, are our choice."""
    if not data.startswith(b"event: "):
        return event(msgspec.json.encode({"error": _ERROR}))
    error = {
        "type": "too_many_requests",
        "code": "rate_limit_exceeded",
        "headers": {"x-ms-fe-error": "true"},
        "message": "Too many requests. Please try again later.",
        "param": None,
    }
    body = {"type": "error", "error": error, "sequence_number": _number(data)}
    return event(msgspec.json.encode(body), "error")


def _created(data: bytes) -> bytes:
    head, _, rest = data.partition(b"\ndata: ")
    return rest if head == b"event: response.created" else b""


def _failed_event(first: bytes, data: bytes) -> bytes:
    if not first:
        return _error_event(data)
    members = _OBJECT.decode(first)
    response = _failed(bytes(members["response"]))
    body = {
        "type": "response.failed",
        "response": msgspec.Raw(response or members["response"]),
        "sequence_number": _number(data),
    }
    return event(msgspec.json.encode(body), "response.failed")


def _failed(body: bytes) -> bytes | None:
    """A response as one that failed; None for a body that is none."""
    try:
        members = _OBJECT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if members.get("object") != msgspec.Raw(b'"response"'):
        return None
    error = {"code": "server_error", "message": _MESSAGE}
    changed: dict[str, object] = {"status": "failed", "error": error, "output": [], "usage": None}
    return laid_out_like(body, {**members, **changed})


def _without_usage(body: bytes) -> bytes:
    try:
        members = _OBJECT.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body
    members.pop("usage", None)
    return laid_out_like(body, members)


def _event_without_usage(data: bytes) -> bytes:
    if b'"usage":{' not in data:
        return data
    head, mark, rest = data.partition(b"data: ")
    members = _OBJECT.decode(rest)
    if "response" in members:
        response = {**_OBJECT.decode(members["response"]), "usage": None}
        return head + mark + msgspec.json.encode({**members, "response": response}) + b"\n\n"
    return b"" if members.get("choices") == msgspec.Raw(b"[]") else data
