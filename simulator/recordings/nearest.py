"""The recording that comes nearest to a request, and what differs between them."""

import itertools
import json
from dataclasses import dataclass
from typing import cast

import msgspec

from simulator.messages import Request
from simulator.recordings.exchange import Exchange
from simulator.recordings.fingerprint import Matching, canonical_body, counted_query

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Nearest:
    """A recording of the same route; no `differences` means that it answers the request."""

    name: str
    exchange: Exchange
    differences: tuple[str, ...]


def differences(asked: Request, recorded: Request, matching: Matching) -> tuple[str, ...]:
    """The differences between the two, e.g. `seed: asked 2, recorded 1`."""
    found = [
        _difference(what, one, other)
        for what, one, other in (
            ("method", asked.method, recorded.method),
            ("path", asked.path, recorded.path),
            ("query", counted_query(asked, matching), counted_query(recorded, matching)),
        )
        if one != other
    ]
    return (*found, *_body_differences(asked, recorded, matching))


def _body_differences(asked: Request, recorded: Request, matching: Matching) -> list[str]:
    one, other = (canonical_body(request, matching.ignored) for request in (asked, recorded))
    if one == other:
        return []
    left, right = _leaves(one), _leaves(other)
    if left is None or right is None:
        return [f"body: asked {len(one)} bytes, recorded {len(other)} other bytes"]
    return [
        _difference(path, left.get(path), right.get(path))
        for path in [*left, *(path for path in right if path not in left)]
        if left.get(path) != right.get(path)
    ]


def _leaves(body: bytes) -> dict[str, str] | None:
    """Each value in a JSON body, as JSON, by its path; None if it is something else."""
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
    return dict(sorted(found.items()))


def _difference(what: str, asked: str | None, recorded: str | None) -> str:
    pairs = zip(asked or "", recorded or "", strict=False)
    common = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return f"{what}: asked {_short(asked, common)}, recorded {_short(recorded, common)}"


def _short(value: str | None, common: int) -> str:
    """The value, or of a long one the part where the two begin to differ."""
    if value is None:
        return "nothing"
    if len(value) <= _LONGEST:
        return value
    start = max(0, common - _LONGEST // 3)
    end = start + _LONGEST
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"


def told(nearest: Nearest, most: int = 5) -> str:
    """The differences in one line, the first few of them."""
    shown = "; ".join(itertools.islice(nearest.differences, most))
    more = len(nearest.differences) - most
    return f"{shown}; and {more} more" if more > 0 else shown
