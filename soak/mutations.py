"""Mutations of good requests: values, names, nesting, lengths, and the bytes themselves."""

import copy
import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from soak.seeds import Part, Seed

Place = tuple[str | int, ...]

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, -(2**63), 10**30, 1e308, 5e-324, 0.1, "",
    " ", "\x00", "é", "\U0001f600", "\u202e", "x" * 70, "A" * 5000, [], {}, [[]], [{}], {"": None},
    "null", "NaN", "true", "../../etc/passwd", "http://169.254.169.254/", "\r\nX: y", "${7*7}",
    "data:image/png;base64,AAAA", "resp_" + "0" * 50, {"$ref": "#"}, {"$ref": "#/$defs/n"},
    "(?:){4294967294}", "(a+)+$", "[a-\uffff]{900}", {"type": ["object", "null"]},
)  # fmt: skip
_BYTES = (
    b"1e400", b"-1e400", b"NaN", b"Infinity", b"9" * 5000, b"1E+999999999", b'"\\ud800"', b'"\xff\xfe"',
    b"01", b"tru", b"[1,]", b'{"a":1,"a":2}', b"[" * 2000 + b"]" * 2000, b'"' + b"x" * 20_000 + b'"',
)  # fmt: skip
_NAMES = ("messages", "input", "model", "stream", "n", "type", "properties", "allOf", "pattern", "")
_MARK = "@@mutated@@"
_BOUNDARY = b"boundary"
_LONGEST, _MOST_PLACES = 2_000_000, 2_000


@dataclass(frozen=True, slots=True)
class Mutated:
    """A request as it is sent."""

    operation: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Mutations:
    """Draws mutated requests; the same seed gives the same ones."""

    def __init__(self, seed: int, seeds: tuple[Seed, ...]) -> None:
        self._rng = random.Random(seed)
        self._seeds = seeds

    def next(self) -> Mutated:
        seed = self._rng.choice(self._seeds)
        headers: dict[str, str] = {}
        if isinstance(seed.body, dict):
            headers["content-type"] = "application/json"
            body = self._json(seed.body)
        elif seed.body is None:
            body = self._rng.choice((b"", b"", b"{}", b"x"))
        else:
            headers["content-type"] = "multipart/form-data; boundary=" + _BOUNDARY.decode()
            body = self._form(seed.body)
        return Mutated(seed.operation, seed.method, self._path(seed.path), headers, body)

    def _path(self, path: str) -> str:
        if self._rng.random() < 0.9:
            return path
        plain, _, query = path.partition("?")
        changes = (
            plain, f"{plain}?api-version=", f"{plain}?api-version=2099-01-01", f"{path}&a=%ff&b=%zz",
            f"{plain}?" + "a=1&" * 300, f"{plain}%00?{query}", f"{plain}/?{query}", plain.upper(),
            f"{plain.replace('gpt-4o', 'x' * 300)}?{query}", f"{plain}/..%2f..%2f?{query}",
        )  # fmt: skip
        return self._rng.choice(changes)

    def _json(self, body: dict[str, Any]) -> bytes:
        value: Any = copy.deepcopy(body)
        raw = b""
        for _ in range(self._rng.choice((1, 1, 1, 2, 3))):
            found = itertools.islice(_places(value), _MOST_PLACES)
            place = self._rng.choice([place for place in found if place] or [()])
            if not place:
                break
            match self._rng.randrange(7):
                case 0 | 1 | 2:
                    _put(value, place, copy.deepcopy(self._rng.choice(_VALUES)))
                case 3:
                    _remove(value, place)
                case 4:
                    self._add(value, place)
                case 5:
                    self._repeat(value, place)
                case _:
                    raw = self._rng.choice(_BYTES)
                    _put(value, self._rng.choice((place, ("surplus",))), _MARK)
        data = json.dumps(value, ensure_ascii=self._rng.random() < 0.5).encode("utf-8", "replace")
        return self._spoilt(data.replace(f'"{_MARK}"'.encode(), raw))[:_LONGEST]

    def _add(self, value: Any, place: Place) -> None:
        inner = _get(value, place)
        new = copy.deepcopy(self._rng.choice(_VALUES))
        if isinstance(inner, dict):
            inner[self._rng.choice(_NAMES)] = new
        elif isinstance(inner, list):
            cast("list[Any]", inner).append(new)
        else:
            for _ in range(self._rng.choice((1, 5, 60, 200))):
                inner = [inner] if self._rng.random() < 0.5 else {"a": inner}
            _put(value, place, inner)

    def _repeat(self, value: Any, place: Place) -> None:
        inner = _get(value, place)
        times = self._rng.choice((2, 17, 130, 2050))
        # What is repeated twice would hold up the client, not the server.
        if isinstance(inner, str | list) and len(json.dumps(inner)) * times < _LONGEST:
            _put(value, place, cast("Any", inner) * times)

    def _form(self, parts: tuple[Part, ...]) -> bytes:
        changed = list(parts)
        index = self._rng.randrange(len(changed))
        part = changed[index]
        match self._rng.randrange(6):
            case 0:
                changed.pop(index)
            case 1:
                changed.append(part)
            case 2:
                changed[index] = Part(part.name, self._rng.choice(_BYTES), part.filename)
            case 3:
                cut = self._rng.randrange(len(part.data) + 1)
                changed[index] = Part(part.name, part.data[:cut], part.filename)
            case 4:
                name = self._rng.choice(("", "file", "image", "n", "x" * 500, 'a"b'))
                changed[index] = Part(name, part.data, self._rng.choice((None, "a.mp3", "../x")))
            case _:
                changed[index] = Part(part.name, self._flipped(part.data), part.filename)
        return self._spoilt(_encoded(changed))

    def _flipped(self, data: bytes) -> bytes:
        flipped = bytearray(data)
        for _ in range(self._rng.randrange(1, 12)):
            if flipped:
                flipped[self._rng.randrange(len(flipped))] = self._rng.choice((0, 127, 255))
        return bytes(flipped)

    def _spoilt(self, data: bytes) -> bytes:
        """The bytes of a body, of which a few are cut or flipped."""
        drawn = self._rng.random()
        if drawn < 0.02:
            return data[: self._rng.randrange(len(data) + 1)]
        return self._flipped(data) if drawn < 0.05 else data


def _places(value: Any, place: Place = ()) -> Iterator[Place]:
    yield place
    if isinstance(value, dict):
        for name, inner in cast("dict[str, Any]", value).items():
            yield from _places(inner, (*place, name))
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[Any]", value)[:50]):
            yield from _places(inner, (*place, index))


def _get(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def _put(value: Any, place: Place, new: Any) -> None:
    _get(value, place[:-1])[place[-1]] = new


def _remove(value: Any, place: Place) -> None:
    del _get(value, place[:-1])[place[-1]]


def _encoded(parts: list[Part]) -> bytes:
    written: list[bytes] = []
    for part in parts:
        named = f'; filename="{part.filename}"' if part.filename is not None else ""
        head = f'content-disposition: form-data; name="{part.name}"{named}'
        written.append(b"--%b\r\n%b\r\n\r\n%b\r\n" % (_BOUNDARY, head.encode(), part.data))
    return b"".join(written) + b"--%b--\r\n" % _BOUNDARY
