"""Cassettes: recordings in YAML, of the predecessor and of vcrpy, read without executing anything."""

import zlib
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import yaml

from simulator.recordings.cassette_bounds import (
    Allowance,
    RefusedError,
    check_events,
    is_text,
    read,
)
from simulator.recordings.encodings import decoded, is_known

_YAML_PREFIX = "tag:yaml.org,2002:python/"
# How cassettes in the wild write a header's name: as an object of this class, made from one string.
_STRING_TAGS = frozenset(
    _YAML_PREFIX + tag
    for tag in (
        "object/apply:multidict._multidict.istr",
        "object/new:multidict._multidict.istr",
        "str",
        "unicode",
    )
)
# The longest scalars of these kinds. Whole numbers beyond 64 bits cannot be stored, and take a time
# that grows with the square of their length.
_LONGEST = {"int": 20, "float": 64, "bool": 64, "timestamp": 64}
_MOST_ENCODINGS = 8
_LONGEST_DURATION = 3_600_000


class CassetteError(ValueError):
    """A file, or an interaction in it, that cannot be read; the text says why."""


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


_Constructor = Callable[["_Loader", yaml.Node], object]


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader, which knows no tag of Python, with the one for strings."""


def _string(loader: _Loader, suffix: str, node: yaml.Node) -> str:
    parts = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else [node]
    only = parts[0] if len(parts) == 1 else None
    if _YAML_PREFIX + suffix not in _STRING_TAGS or not isinstance(only, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag} is not read")
    return str(loader.construct_scalar(only))


_Loader.add_multi_constructor(_YAML_PREFIX, _string)  # pyright: ignore[reportUnknownMemberType] its stub has no types


def _bound_scalars(kind: str, longest: int) -> None:
    """Make the loader refuse a scalar of this kind that is too long, and report one without value."""
    tag = f"tag:yaml.org,2002:{kind}"
    constructors = cast("dict[str, _Constructor]", yaml.SafeLoader.yaml_constructors)
    construct = constructors[tag]

    def bounded(loader: _Loader, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode) and len(node.value) > longest:
            raise RefusedError(f"a value of type {kind} has more than {longest} characters")
        try:
            return construct(loader, node)
        except (ValueError, ArithmeticError, LookupError, AttributeError) as error:
            problem = f"{node.value!r} is not of the type {kind}"
            raise yaml.constructor.ConstructorError(None, None, problem) from error

    _Loader.add_constructor(tag, bounded)  # pyright: ignore[reportUnknownMemberType] its stub has no types


for _kind, _longest in _LONGEST.items():
    _bound_scalars(_kind, _longest)


def interactions(path: Path) -> list[object]:
    """The interactions in the file, to be decoded one by one by `interaction_of`.

    Raises `CassetteError` if it is not a cassette and `RefusedError` if it is beyond a bound.
    """
    data = read(path)
    try:
        # The events come one by one, so that nothing large is built before it is refused.
        check_events(cast("Iterable[yaml.Event]", yaml.parse(data, Loader=_Loader)))  # pyright: ignore[reportUnknownMemberType] its stub has no types
        loaded: object = yaml.load(data, Loader=_Loader)  # noqa: S506 it is a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = str(getattr(error, "problem", None) or error or "it is not YAML").splitlines()[0]
        raise CassetteError(f"not a cassette: {detail}") from error
    found = cast("dict[object, object]", loaded if isinstance(loaded, dict) else {})
    if not isinstance(found.get("interactions"), list):
        raise CassetteError("not a cassette: it has no list of interactions")
    return cast("list[object]", found["interactions"])


def interaction_of(loaded: object, allowance: Allowance) -> Interaction:
    """The exchange; `CassetteError` says what is missing.

    Its bodies are taken from the allowance, which raises `RefusedError` beyond the bound.
    """
    parts = _mapping(loaded)
    request, response = _mapping(parts.get("request")), _mapping(parts.get("response"))
    method, uri, status = request.get("method"), request.get("uri"), _status(response)
    if not isinstance(method, str) or not isinstance(uri, str) or status is None:
        raise CassetteError("an interaction without method, uri or status")
    answered = _decoded(_message(response, "content", allowance), allowance)
    body_hash = request.get("body_hash")
    asked = _message(request, "body", allowance)
    for body in (asked.body, answered.body):
        allowance.check(body)
    return Interaction(
        method=method,
        uri=uri,
        request=asked,
        body_hash=str(body_hash) if body_hash and not _has_body(request) else None,
        status=status,
        response=answered,
        duration_ms=_duration(response.get("duration_ms")),
        predecessor="context_values" in parts or "body_hash" in request,
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
    if not isinstance(value, dict):
        raise CassetteError("an interaction with another value where a mapping belongs")
    return cast("dict[object, object]", value)
