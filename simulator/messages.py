"""The values that flow through the simulator: a request in, an answer in chunks, a response out."""

import functools
import urllib.parse
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from msgspec import Struct, structs

from simulator.caching import cached

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


def _parse_pairs(query_string: str) -> tuple[tuple[str, str], ...]:
    return tuple(urllib.parse.parse_qsl(query_string, keep_blank_values=True))


def _parse_query(query_string: str) -> Mapping[str, str]:
    return MappingProxyType(dict(_query_pairs(query_string)))


_query_pairs = cached(_parse_pairs, most=1024)
_query = cached(_parse_query, most=1024)


class Request(Struct, frozen=True):
    """One HTTP request, read whole.

    `path` is percent-decoded, starts with a slash and has no double slashes (the real service takes
    them for one). Header names are lower-case.
    """

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = NO_HEADERS
    body: bytes = b""
    resource: str = ""
    """The resource of a fleet that it is addressed to."""
    prefix: str = ""
    """The beginning of the client's path, which `path` lacks; addresses in answers begin with it."""
    form: object = None
    """The form that the body was, where it has been read as it came (`wire.forms.Form`): `body` is empty
    then."""

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters; of a repeated one, the last."""
        return _query(self.query_string)

    @property
    def query_pairs(self) -> tuple[tuple[str, str], ...]:
        """The query parameters in order, repeated ones too."""
        return _query_pairs(self.query_string)


class Usage(Struct, frozen=True):
    """Tokens that an answer reports. `completion` includes `reasoning`."""

    prompt: int
    completion: int = 0
    reasoning: int = 0
    cached: int = 0
    audio: int = 0
    """The part of `completion` that is sound."""
    heard: int = 0
    """The part of `prompt` that is sound."""
    written: int | None = None
    """The tokens that are written to the cache of prompts; None for a model that counts none."""
    tier: str = "default"
    """The service tier that served the answer, on which their price depends."""

    @property
    def total(self) -> int:
        return self.prompt + self.completion


class Chunk(NamedTuple):
    """A piece of an answer's body. (A NamedTuple: streams make them by the hundred.)

    `due` is the moment at which it may leave, in seconds since the request arrived.
    """

    data: bytes
    due: float = 0.0


_chunk: Callable[[tuple[bytes, float]], Chunk] = functools.partial(tuple.__new__, Chunk)  # pyright: ignore[reportUnknownMemberType]  # object's signature


def chunks_of(pieces: Iterable[bytes], moments: Iterable[float]) -> Iterator[Chunk]:
    """Return the chunks of pieces and moments, past the constructor, which is written in Python."""
    return map(_chunk, zip(pieces, moments, strict=True))


# The number of chunks from which a stream is made as it leaves: they take about 3 MB.
MANY = 4096


def materialised(
    chunks: tuple[Chunk, ...] | Iterator[Chunk], expected: int
) -> tuple[Chunk, ...] | Iterator[Chunk]:
    """The chunks of a stream of about `expected` events, made now unless they are very many."""
    return chunks if expected > MANY or isinstance(chunks, tuple) else tuple(chunks)


class LateFacts(Struct):
    """The facts of a live answer that are known only when its last chunk has left."""

    usage: Usage | None = None
    recording: str | None = None
    filter: str | None = None
    fault: Literal["broken", "error"] | None = None
    """The upstream ended it before its end, or put an error into it."""


BODILESS = frozenset({204, 205, 304})
"""The statuses of answers without a body: bytes of one would be taken for the next answer."""
EVENT_STREAM = "text/event-stream; charset=utf-8"
SERVED_MODEL = "x-ms-served-model"
"""The header that names the model that answered."""
RECORDING_HEADER = "x-recording"
"""Says how a recording had part in an answer: `hit`, `missed` or `failed`."""


def is_event_stream(content_type: str | None) -> bool:
    return (content_type or "").lower().startswith("text/event-stream")


class Breakage(Struct, frozen=True):
    """A connection that does not end as it should: nothing is sent and it is `reset`, nothing is sent
    for some `seconds` (`hang`), or it is `cut` behind what is sent.
    """

    kind: Literal["reset", "hang", "cut"]
    seconds: float = 0.0


class Answer(Struct, frozen=True):
    """The answer of a mode: a status, headers and the body as chunks, each with the moment it is due.

    A plain answer is one chunk. A generated or replayed stream is a tuple of chunks, one per event (or
    for several that are due together, where nothing looks at them apart); where there are very many, it
    is an iterator that makes them as they leave. A live upstream is an async iterator of chunks, which
    pacing neither waits for nor collects.
    """

    status: int
    chunks: tuple[Chunk, ...] | Iterator[Chunk] | AsyncIterator[Chunk]
    content_type: str | None = "application/json"
    headers: Mapping[str, str] = NO_HEADERS
    streamed: bool = False
    usage: Usage | None = None
    ending: LateFacts | None = None
    breakage: Breakage | None = None
    filter: str | None = None
    """The finding that the content filter cut it for, "" for none; None: it has not been filtered."""

    @classmethod
    def plain(
        cls,
        body: bytes,
        *,
        status: int = 200,
        content_type: str | None = "application/json",
        headers: Mapping[str, str] = NO_HEADERS,
        usage: Usage | None = None,
        due: float = 0.0,
    ) -> "Answer":
        """An answer of one chunk."""
        return cls(
            status=status,
            chunks=(_chunk((body, due)),),
            content_type=content_type,
            headers=headers,
            usage=usage,
        )

    @classmethod
    def stream(
        cls, chunks: tuple[Chunk, ...] | Iterator[Chunk], *, usage: Usage | None = None
    ) -> "Answer":
        """An answer of server-sent events, each of which is a chunk."""
        return cls(200, chunks, EVENT_STREAM, streamed=True, usage=usage)

    def with_headers(self, headers: Mapping[str, str]) -> "Answer":
        """Return the answer with these headers added; its own ones win."""
        merged = {**headers, **self.headers} if self.headers else headers
        return structs.replace(self, headers=merged)


class Response(Struct, frozen=True):
    """The response that leaves over HTTP: `body` is complete bytes, or pieces to be sent as they
    come.

    A `streamed` body has no content length, even if it is complete.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | AsyncIterator[bytes]
    streamed: bool = False
    breakage: Breakage | None = None
