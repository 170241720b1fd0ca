"""The JSON document of one exchange: decoding what encoding wrote gives the same bytes to the client."""

import re
from urllib.parse import urlencode

import msgspec

from simulator.messages import BODILESS, EVENT_STREAM, Request, Usage
from simulator.recordings import bodies, names
from simulator.recordings.bodies import Body
from simulator.recordings.exchange import Exchange, Milliseconds
from simulator.recordings.fingerprint import VERSION
from simulator.type_problems import in_document

SCHEMA = 1
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_FRAMING = frozenset({"connection", "content-length", "transfer-encoding", "upgrade"})
_NO_EVENTS = b'"sse": []'


class Key(msgspec.Struct):
    version: str
    hash: str


class WrittenRequest(msgspec.Struct, omit_defaults=True, kw_only=True):
    """`resource` is the one of a fleet that was asked."""

    method: str
    resource: str = ""
    path: str
    query: dict[str, str | list[str]]
    headers: dict[str, str]
    body: Body


class WrittenResponse(msgspec.Struct):
    status: int
    headers: dict[str, str]
    duration_ms: Milliseconds
    body: Body


class WrittenUsage(msgspec.Struct, omit_defaults=True):
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int | None = None
    service_tier: str = "default"


class Document(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The document of a recording. A hand-written one may lack `recorded_at` and `key`."""

    schema: int
    recorded_at: str = ""
    key: Key | None = None
    request: WrittenRequest
    response: WrittenResponse
    usage: WrittenUsage | None = None


class Line(msgspec.Struct):
    """One line of a spool batch: a document and the name it is to have."""

    name: str
    document: Document


def document_of(
    exchange: Exchange, *, request_file: str | None = None, response_file: str | None = None
) -> Document:
    """The encoded form. A body for which a file is named is stored there and not in the
    document.
    """
    request, usage = exchange.request, exchange.usage
    return Document(
        schema=SCHEMA,
        recorded_at=exchange.recorded_at,
        key=Key(VERSION, exchange.key),
        request=WrittenRequest(
            method=request.method,
            resource=request.resource,
            path=request.path,
            query=_query(request),
            headers=dict(request.headers),
            body=Body(file=request_file) if request_file else bodies.encode(request.body),
        ),
        response=WrittenResponse(
            status=exchange.status,
            headers=dict(exchange.headers),
            duration_ms=exchange.duration_ms,
            body=Body(file=response_file) if response_file else _answer_body(exchange),
        ),
        usage=usage and _written(usage),
    )


def _written(usage: Usage) -> WrittenUsage:
    counts = usage.prompt, usage.completion, usage.reasoning, usage.cached
    return WrittenUsage(*counts, usage.written, usage.tier)


def _read(usage: WrittenUsage) -> Usage:
    return Usage(
        usage.prompt_tokens,
        usage.completion_tokens,
        usage.reasoning_tokens,
        usage.cached_tokens,
        written=usage.cache_write_tokens,
        tier=usage.service_tier,
    )


def exchange_of(document: Document, attached: bytes | None = None) -> Exchange:
    """The exchange; `attached` is the response's body if it is stored in a file. Else
    `ValueError`.
    """
    request, response, usage = document.request, document.response, document.usage
    asked = request.body
    return Exchange(
        request=Request(
            method=request.method,
            path=request.path,
            query_string=urlencode(request.query, doseq=True),
            headers=request.headers,
            body=b"" if asked.file else bodies.decode(asked, 0, None)[0].data,
            resource=request.resource,
        ),
        status=response.status,
        headers=response.headers,
        pieces=bodies.decode(response.body, response.duration_ms, attached),
        duration_ms=response.duration_ms,
        streamed=response.body.sse is not None,
        usage=usage and _read(usage),
        key=document.key.hash if document.key else "",
        recorded_at=document.recorded_at,
    )


def pretty(document: Document) -> bytes:
    """The document for people: indented, an event of a stream on each line."""
    stream, document = document.response.body.sse, _without_events(document)
    text = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    if not stream:
        return text
    lines = b",\n".join(b" " * 8 + msgspec.json.encode(event) for event in stream)
    # The response comes after the request, so the last place that looks like it is the right one.
    head, _, tail = text.rpartition(_NO_EVENTS)
    return b"".join((head, b'"sse": [\n', lines, b"\n      ]", tail))


def parse(data: bytes) -> Document:
    """The document in the bytes, which somebody may have edited; `ValueError` says what is wrong."""
    try:
        document = _decoded(data.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except msgspec.DecodeError as error:
        raise ValueError(in_document(error, Document)) from None
    if document.schema != SCHEMA:
        raise ValueError(f"schema {document.schema} is not known, only {SCHEMA}")
    _check_head(document.response)
    return document


def _check_head(response: WrittenResponse) -> None:
    """`ValueError` if the head of the answer cannot leave over HTTP as it is written."""
    if response.status in BODILESS and not _is_empty(response.body):
        raise ValueError(f"an answer of status {response.status} has no body")
    if not 200 <= response.status <= 599:
        raise ValueError(f"status {response.status} is not one of an answer, 200 to 599")
    for name, value in response.headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a header")
        if name.lower() in _FRAMING:
            raise ValueError(f"the header {name} is set by the server alone")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the value of the header {name} is not one line of latin-1")


def _is_empty(body: Body) -> bool:
    return body in (Body(text=""), Body(base64=b""), Body(sse=[]))


class _ByHand(msgspec.Struct):
    """The members of a recording that somebody has written: all but the answer's body may be absent."""

    response: dict[str, msgspec.Raw]
    schema: int = SCHEMA
    recorded_at: str = ""
    key: Key | None = None
    request: dict[str, msgspec.Raw] = {}
    usage: WrittenUsage | None = None


def _decoded(data: bytes) -> Document:
    try:
        return msgspec.json.decode(data, type=Document)
    except msgspec.ValidationError:
        given = msgspec.json.decode(data, type=_ByHand)
    streamed = b'"sse"' in bytes(given.response.get("body", msgspec.Raw(b"")))
    kind = EVENT_STREAM if streamed else "application/json"
    request = {"method": "POST", "path": "", "query": {}, "headers": {}, "body": {"text": ""}}
    response = {"status": 200, "headers": {"content-type": kind}, "duration_ms": 0}
    whole = {
        "schema": given.schema,
        "recorded_at": given.recorded_at,
        "key": given.key,
        "request": {**request, **given.request},
        "response": {**response, **given.response},
        "usage": given.usage,
    }
    return msgspec.json.decode(msgspec.json.encode(whole), type=Document)


def line(name: str, document: Document) -> bytes:
    """The document as a line of a spool batch, with its newline."""
    return msgspec.json.encode(Line(name, document)) + b"\n"


def parse_line(data: bytes) -> Line:
    """`ValueError` if it is not a line of a batch."""
    found = msgspec.json.decode(data, type=Line)
    if not names.is_recording(found.name):
        raise ValueError(f"{found.name!r} is not the name of a recording")
    return found


def _answer_body(exchange: Exchange) -> Body:
    if exchange.streamed:
        return bodies.encode_stream(exchange.pieces)
    return bodies.encode(exchange.body)


def _query(request: Request) -> dict[str, str | list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in request.query_pairs:
        values.setdefault(name, []).append(value)
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _without_events(document: Document) -> Document:
    body = document.response.body
    if not body.sse:
        return document
    response = msgspec.structs.replace(document.response, body=Body(sse=[]))
    return msgspec.structs.replace(document, response=response)
