"""The recording that comes nearest to a request, and what differs between them."""

import functools
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import msgspec

from simulator.messages import Request
from simulator.recordings.exchange import Exchange
from simulator.recordings.fingerprint import (
    Matching,
    canonical_body,
    counted_headers,
    counted_query,
)
from simulator.recordings.redaction import Redaction

_REDACTION = Redaction()
_LONGEST = 60
# Bodies beyond these are compared as a whole: nobody reads a list of more values.
_LARGEST = 2**20
_MOST_VALUES = 2_000
_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class Nearest:
    """A recording of the same route; no `differences` means that it answers the request."""

    name: str
    exchange: Exchange
    differences: tuple[str, ...]


class Comparison:
    """Compares one request with recorded ones; what is known of it is worked out once."""

    def __init__(
        self, asked: Request, matching: Matching, redaction: Redaction = _REDACTION
    ) -> None:
        self._asked = asked
        self._matching = matching
        self._query = counted_query(asked, matching)
        self._headers = counted_headers(asked, matching)
        self._body = redaction.body(canonical_body(asked, matching.ignored))
        self._leaves = _leaves_of(self._body)

    def differences(self, recorded: Request) -> tuple[str, ...]:
        """The differences between the two, e.g. `seed: asked 2, recorded 1`."""
        found = [
            _difference(what, one, other)
            for what, one, other in (
                ("method", self._asked.method, recorded.method),
                ("resource", self._asked.resource, recorded.resource or self._asked.resource),
                ("path", self._asked.path, recorded.path),
                ("query", self._query, counted_query(recorded, self._matching)),
            )
            if one != other
        ]
        return (
            *found,
            *self._of_headers(recorded),
            *self._of_bodies(canonical_body(recorded, self._matching.ignored)),
        )

    def _of_headers(self, recorded: Request) -> list[str]:
        other = counted_headers(recorded, self._matching)
        return [
            _difference(name, self._headers.get(name), other.get(name))
            for name in {**self._headers, **other}
            if self._headers.get(name) != other.get(name)
        ]

    def _of_bodies(self, recorded: bytes) -> list[str]:
        if self._body == recorded:
            return []
        left, right = self._leaves, _leaves_of(recorded)
        if left is None or right is None:
            return [f"body: asked {len(self._body)} bytes, recorded {len(recorded)} other bytes"]
        return [
            _difference(path, left.get(path), right.get(path))
            for path in [*left, *(path for path in right if path not in left)]
            if left.get(path) != right.get(path)
        ]


def _leaves_of(body: bytes) -> Mapping[str, str] | None:
    if len(body) > _LARGEST:
        return None
    return _remembered(body) if len(body) <= _REMEMBERED else _leaves(body)


def _leaves(body: bytes) -> dict[str, str] | None:
    """Each value in a JSON body, as JSON, by its path; None for something else, or too many."""
    try:
        value = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
    found: dict[str, str] = {}
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict) and (value or not path):
            items = cast("dict[str, object]", value).items()
            waiting.extend((f"{path}.{name}" if path else name, item) for name, item in items)
        elif isinstance(value, list) and (value or not path):
            entries = enumerate(cast("list[object]", value))
            waiting.extend((f"{path}[{index}]", item) for index, item in entries)
        else:
            found[path] = json.dumps(value, ensure_ascii=False)
            if len(found) > _MOST_VALUES:
                return None
    return dict(sorted(found.items()))


# One request after the other is compared with the same recordings.
_remembered = functools.lru_cache(maxsize=256)(_leaves)


def _difference(what: str, asked: str | None, recorded: str | None) -> str:
    pairs = zip(asked or "", recorded or "", strict=False)
    common = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return f"{_short(what, 0)}: asked {_short(asked, common)}, recorded {_short(recorded, common)}"


def _short(value: str | None, common: int) -> str:
    """The value, or of a long one the part where the two begin to differ."""
    if value is None:
        return "nothing"
    if len(value) <= _LONGEST:
        return value
    start = max(0, common - _LONGEST // 3)
    end = start + _LONGEST
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"


def reported(nearest: Nearest, most: int = 5) -> str:
    """The differences in one line, the first few of them."""
    shown = "; ".join(itertools.islice(nearest.differences, most))
    more = len(nearest.differences) - most
    return f"{shown}; and {more} more" if more > 0 else shown
