"""The exchanges of a cassette, in whatever form it has their parts."""

import zlib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from simulator.recordings.bodies import is_text
from simulator.recordings.cassette_bounds import Allowance
from simulator.recordings.cassette_formats import CassetteError
from simulator.recordings.encodings import decoded, is_known

_MOST_ENCODINGS = 8
_LONGEST_DURATION = 3_600_000


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response of an interaction, its headers with lower-case names."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Interaction:
    """One exchange of a cassette.

    `body_hash` is the md5 of a request body that is not in the file; `predecessor` says which of the
    two programs wrote it.
    """

    method: str
    uri: str
    request: Message
    body_hash: str | None
    status: int
    response: Message
    duration_ms: int
    predecessor: bool
    recorded_at: str = ""
    """The moment in the form of the header `Date`, where the cassette has one."""


def interaction_of(loaded: object, allowance: Allowance) -> Interaction:
    """The exchange; `CassetteError` says what is missing.

    Its bodies are taken from the allowance, which raises `RefusedError` beyond the bound.
    """
    parts = _mapping(loaded)
    request, response = _mapping(parts.get("request")), _mapping(parts.get("response"))
    method, status = request.get("method"), _status(response)
    uri = request.get("uri", request.get("url"))
    if not isinstance(method, str) or not isinstance(uri, str) or status is None:
        raise CassetteError("an interaction without method, uri or status")
    answered = _decoded(_message(response, "content", allowance), allowance)
    body_hash = request.get("body_hash")
    asked = _message(request, "body", allowance)
    for body in (asked.body, answered.body):
        allowance.check(body)
    return Interaction(
        method=method.upper(),  # Ruby writes it in lower case
        uri=uri,
        request=asked,
        body_hash=str(body_hash) if body_hash and not _has_body(request) else None,
        status=status,
        response=answered,
        duration_ms=_duration(response.get("duration_ms")),
        predecessor="context_values" in parts or "body_hash" in request,
        recorded_at=str(parts.get("recorded_at") or ""),
    )


def _has_body(message: Mapping[object, object]) -> bool:
    return message.get("body") is not None or message.get("parsed_body") is not None


def _status(response: Mapping[object, object]) -> int | None:
    status = response.get("status")
    code = response.get("status_code") if status is None else status
    if isinstance(status, dict):
        code = _mapping(cast("object", status)).get("code")
    return code if isinstance(code, int) else None


def _duration(given: object) -> int:
    """A duration in milliseconds; 0 for what is none, or takes longer than a client waits."""
    if isinstance(given, int | float) and 0 <= given <= _LONGEST_DURATION:
        return round(given)
    return 0


def _message(parts: Mapping[object, object], other_name: str, allowance: Allowance) -> Message:
    headers = {
        str(name).lower(): ", ".join(_texts(value))
        for name, value in _mapping(parts.get("headers") or {}).items()
    }
    body = parts.get("body")
    if body is None and parts.get("parsed_body") is not None:
        found = msgspec.json.encode(parts["parsed_body"])
    else:
        found = _bytes(parts.get(other_name) if body is None else body)
    allowance.take(len(found))
    return Message(headers, found)


def _bytes(body: object) -> bytes:
    """A body in any of the shapes that cassettes have: text, bytes, or a mapping with one of them."""
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    inner = _mapping(body)
    if "base64_string" in inner:
        return b64decode(_bytes(inner["base64_string"]))
    if "parsed_body" in inner:
        return msgspec.json.encode(inner["parsed_body"])
    return _bytes(inner.get("string"))


def _decoded(message: Message, allowance: Allowance) -> Message:
    """The message without its content encoding; a body that is decoded already stays as it is."""
    headers, body = dict(message.headers), message.body
    encodings = headers.pop("content-encoding", "").lower().split(",", _MOST_ENCODINGS)
    if len(encodings) > _MOST_ENCODINGS:
        raise CassetteError(f"a body in more than {_MOST_ENCODINGS} encodings")
    for name in reversed(encodings):
        if is_known(name.strip()):
            try:
                body = _collected(decoded(name.strip(), body), allowance)
            except zlib.error:
                break
        elif name.strip() not in ("", "identity") and not is_text(body):
            raise CassetteError(f"a body in the encoding {name.strip()}")
    return Message(headers, body)


def _collected(pieces: Iterable[bytes], allowance: Allowance) -> bytes:
    body = bytearray()
    for piece in pieces:
        allowance.take(len(piece))
        body += piece
    return bytes(body)


def _texts(value: object) -> Iterator[str]:
    for one in cast("list[object]", value if isinstance(value, list) else [value]):
        yield one.decode("latin-1") if isinstance(one, bytes) else str(one)


def _mapping(value: object) -> Mapping[object, object]:
    """The mapping that `value` is, or a `CassetteError`."""
    if not isinstance(value, dict):
        raise CassetteError("an interaction with another value where a mapping belongs")
    return cast("dict[object, object]", value)
