"""Loading of cassettes: YAML or JSON, also compressed, read without executing anything."""

import re
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import msgspec
import yaml

from simulator.recordings.cassette_bounds import (
    MOST_BYTES,
    MOST_NODES,
    RefusedError,
    check_directives,
    check_events,
    read,
)
from simulator.recordings.cassette_formats import CassetteError
from simulator.recordings.encodings import decoded

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_JSON_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_YAML_PREFIX = "tag:yaml.org,2002:python/"
# The class that cassettes in the wild write a header's name as an object of, made from one string.
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


# Ruby writes the tag without its prefix.
_Loader.add_constructor(  # pyright: ignore[reportUnknownMemberType] its stub has no types
    "!binary", yaml.SafeLoader.yaml_constructors["tag:yaml.org,2002:binary"]
)


def load(path: Path) -> object:
    """The document in the file.

    Raises `CassetteError` if it is neither YAML nor JSON and `RefusedError` if it is beyond a bound.
    """
    data = _plain(read(path)).removeprefix(_BYTE_ORDER_MARK)
    check_directives(data)
    if data.lstrip()[:1] == b"{":
        try:
            return _json(data)
        except ValueError:  # the braces of YAML
            pass
    return _yaml(data)


def _plain(data: bytes) -> bytes:
    """The bytes of the file, decompressed piece by piece."""
    if not data.startswith(_GZIP):
        return data
    plain = bytearray()
    try:
        for piece in decoded("gzip", data):
            plain += piece
            if len(plain) > MOST_BYTES:
                raise RefusedError(f"it is larger than {MOST_BYTES >> 20} MB, decompressed")
    except zlib.error as error:
        raise CassetteError(f"not a cassette: damaged gzip: {error}") from error
    return bytes(plain)


def _json(data: bytes) -> object:
    """The value; JSON has no aliases, so that its size is seen before it is built."""
    structure = _JSON_TEXT.sub(b"", data)
    if sum(structure.count(mark) for mark in (b",", b":", b"[", b"{")) > MOST_NODES:
        raise RefusedError(f"it has more than {MOST_NODES:,} nodes, its aliases expanded")
    try:
        return msgspec.json.decode(data)
    except RecursionError:
        raise CassetteError("not a cassette: it is nested too deeply") from None


def _yaml(data: bytes) -> object:
    try:
        # The events come one by one, so that nothing large is built before it is refused.
        check_events(cast("Iterable[yaml.Event]", yaml.parse(data, Loader=_Loader)))  # pyright: ignore[reportUnknownMemberType] its stub has no types
        return yaml.load(data, Loader=_Loader)  # noqa: S506 it is a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = str(getattr(error, "problem", None) or error or "it is not YAML").splitlines()[0]
        raise CassetteError(f"not a cassette: {detail}") from error
