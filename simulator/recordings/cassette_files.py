"""Cassettes: recordings in YAML, of the predecessor and of vcrpy, read without executing anything."""

import gzip
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import msgspec
import yaml

_DEEPEST = 200
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
_DECODERS: Mapping[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": zlib.decompress,
}


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


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader, which knows no tag of Python, with the one for strings."""


def _string(loader: _Loader, suffix: str, node: yaml.Node) -> str:
    parts = cast("list[yaml.Node]", node.value) if isinstance(node, yaml.SequenceNode) else [node]
    only = parts[0] if len(parts) == 1 else None
    if _YAML_PREFIX + suffix not in _STRING_TAGS or not isinstance(only, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag} is not read")
    return str(loader.construct_scalar(only))


_Loader.add_multi_constructor(_YAML_PREFIX, _string)  # pyright: ignore[reportUnknownMemberType] its stub has no types


def interactions(path: Path) -> list[object]:
    """The interactions in the file, to be decoded one by one by `interaction_of`; else
    `CassetteError`.
    """
    data = path.read_bytes()
    try:
        _check_depth(data)
        loaded: object = yaml.load(data, Loader=_Loader)  # noqa: S506 it is a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise CassetteError(f"not a cassette: {detail}") from error
    found = _mapping(loaded).get("interactions")
    if not isinstance(found, list):
        raise CassetteError("not a cassette: it has no list of interactions")
    return cast("list[object]", found)


def _check_depth(data: bytes) -> None:
    """Refuses what would overflow the stack of the parser, which is written in C."""
    depth = 0
    events = cast("Iterator[yaml.Event]", yaml.parse(data, Loader=_Loader))  # pyright: ignore[reportUnknownMemberType] its stub has no types
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise CassetteError(f"not a cassette: nested more than {_DEEPEST} levels deep")


def interaction_of(loaded: object) -> Interaction:
    """The exchange; `CassetteError` says what is missing."""
    parts = _mapping(loaded)
    request, response = _mapping(parts.get("request")), _mapping(parts.get("response"))
    method, uri, status = request.get("method"), request.get("uri"), _status(response)
    if not isinstance(method, str) or not isinstance(uri, str) or status is None:
        raise CassetteError("an interaction without method, uri or status")
    answered, body_hash = _message(response, "content"), request.get("body_hash")
    duration = response.get("duration_ms")
    return Interaction(
        method=method,
        uri=uri,
        request=_message(request, "body"),
        body_hash=str(body_hash) if body_hash and not _has_body(request) else None,
        status=status,
        response=_decoded(answered),
        duration_ms=round(duration) if isinstance(duration, int | float) else 0,
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


def _message(parts: Mapping[object, object], other_name: str) -> Message:
    headers = {
        str(name).lower(): ", ".join(_texts(value))
        for name, value in _mapping(parts.get("headers") or {}).items()
    }
    body = parts.get("body")
    if body is None and parts.get("parsed_body") is not None:
        return Message(headers, msgspec.json.encode(parts["parsed_body"]))
    return Message(headers, _bytes(parts.get(other_name) if body is None else body))


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


def _decoded(message: Message) -> Message:
    """The message without its content encoding; a body that is decoded already stays as it is."""
    headers, body = dict(message.headers), message.body
    for name in reversed(headers.pop("content-encoding", "").lower().split(",")):
        decode = _DECODERS.get(name.strip())
        if decode is not None:
            try:
                body = decode(body)
            except (OSError, EOFError, zlib.error):
                break
        elif name.strip() not in ("", "identity") and not _is_text(body):
            raise CassetteError(f"a body in the encoding {name.strip()}")
    return Message(headers, body)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _texts(value: object) -> Iterator[str]:
    for one in cast("list[object]", value if isinstance(value, list) else [value]):
        yield one.decode("latin-1") if isinstance(one, bytes) else str(one)


def _mapping(value: object) -> Mapping[object, object]:
    if not isinstance(value, dict):
        raise CassetteError("not a cassette: a mapping is missing")
    return cast("dict[object, object]", value)
