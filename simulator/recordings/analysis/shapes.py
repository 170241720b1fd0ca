"""The shape of an answer: its status, headers by name, members, types, order and events, no values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import msgspec

from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.redaction import RESPONSE_HEADERS

MOST_ITEMS = 200
"""Items of an array that are looked at."""
MOST_DIFFERENCES = 20
_DEEPEST = 60
_LONGEST = 120
_LONGEST_LINE = 500

Shape = str | Mapping[str, "Shape"] | tuple["Shape", ...]
"""The name of a scalar's type; of an object its members; of an array the shape of its items, if any."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a stream: its name, and the shape of its data."""

    name: str
    shape: Shape

    @property
    def kind(self) -> str:
        return f"{self.name} {names_in(self.shape)}".strip()


def differences(recorded: Exchange, now: Exchange) -> list[str]:
    """Return the differences of two answers to the same request, apart from values; at most some."""
    if recorded.status != now.status:
        return [f"status: {recorded.status}, now {now.status}"]
    found = [*_headers(recorded, now), *_bodies(recorded, now)]
    return [one[:_LONGEST_LINE] for one in found[:MOST_DIFFERENCES]]


def shape_of(value: object, depth: int = 0) -> Shape:
    """A number is a number, whole or not; an array has what all of its items have together."""
    if depth > _DEEPEST:
        return "deep"
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {name: shape_of(member, depth + 1) for name, member in members.items()}
    if isinstance(value, list):
        items = cast("list[object]", value)[:MOST_ITEMS]
        return _together([shape_of(item, depth + 1) for item in items])
    if isinstance(value, bool):
        return "boolean"
    return "null" if value is None else "string" if isinstance(value, str) else "number"


def names_in(shape: Shape) -> str:
    """The members of a shape in a line, without their types."""
    if isinstance(shape, str):
        return ""
    if isinstance(shape, tuple):
        return f"[{''.join(map(names_in, shape))}]"
    return "{" + ",".join(f"{name}{names_in(member)}" for name, member in shape.items()) + "}"


def _together(shapes: Sequence[Shape]) -> Shape:
    merged: Shape | None = None
    for shape in shapes:
        merged = shape if merged is None else merge(merged, shape)
    return () if merged is None else (merged,)


def merge(one: Shape, other: Shape) -> Shape:
    """The shape of either; what is null in one has the type that it has in the other."""
    if one == "null":
        return other
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _together([*one, *other])
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        names = dict.fromkeys([*one, *other])
        return {
            name: merge(one[name], other[name])
            if name in one and name in other
            else one.get(name, other.get(name, "null"))
            for name in names
        }
    return one


def _headers(recorded: Exchange, now: Exchange) -> Iterator[str]:
    before, after = _names(recorded.headers), _names(now.headers)
    yield from (f"header {name} is gone" for name in sorted(before - after))
    yield from (f"header {name} is new" for name in sorted(after - before))
    kinds = [_content_type(one.headers) for one in (recorded, now)]
    if kinds[0] != kinds[1]:
        yield f"content-type: {kinds[0]}, now {kinds[1]}"


def _names(headers: Mapping[str, str]) -> set[str]:
    """The names that a recording would have."""
    return {name.lower() for name in headers} & RESPONSE_HEADERS


def _content_type(headers: Mapping[str, str]) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _bodies(recorded: Exchange, now: Exchange) -> Iterator[str]:
    if recorded.streamed and now.streamed:
        yield from _streams(_events(recorded.pieces), _events(now.pieces))
        return
    before, after = _json(recorded.body), _json(now.body)
    yield from compare(before, after, "body")


def _streams(before: Sequence[Event], after: Sequence[Event]) -> Iterator[str]:
    """Kinds of events in their turns, where several of a kind in a row are one."""
    turns = [[next(events) for _, events in groupby(side, _kind)] for side in (before, after)]
    for number, (one, other) in enumerate(zip(*turns, strict=False), start=1):
        if one.kind != other.kind:
            yield from _other_turn(f"events, turn {number}", one, other)
            return
    if len(turns[0]) != len(turns[1]):
        yield f"events: {len(turns[0])} turns, now {len(turns[1])}"
        return
    for kind in dict.fromkeys(map(_kind, turns[0])):
        shapes = [_all_of(kind, side) for side in (before, after)]
        yield from compare(shapes[0], shapes[1], f"events {kind[:40]}".rstrip())


def _other_turn(place: str, before: Event, after: Event) -> Iterator[str]:
    """The members by which an event is another one; of events with other names the names."""
    found = (
        list(compare(before.shape, after.shape, f"{place}, data"))
        if before.name == after.name
        else []
    )
    yield from found or [f"{place}: {before.kind[:_LONGEST]}, now {after.kind[:_LONGEST]}"]


def _kind(event: Event) -> str:
    return event.kind


def _all_of(kind: str, events: Sequence[Event]) -> Shape:
    found = _together([one.shape for one in events if one.kind == kind])
    return found[0] if isinstance(found, tuple) and found else "null"


def compare(before: Shape, after: Shape, place: str) -> Iterator[str]:
    """The differences of two shapes. What is null in one of them may be anything in the other."""
    if "null" in (before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(before, after, place)
    elif isinstance(before, tuple) and isinstance(after, tuple):
        for one, other in zip(before, after, strict=False):
            yield from compare(one, other, f"{place}[]")
    elif before != after:
        yield f"{place}: {_type(before)}, now {_type(after)}"


def _members(before: Mapping[str, Shape], after: Mapping[str, Shape], place: str) -> Iterator[str]:
    yield from (f"{place}.{name} is gone" for name in before if name not in after)
    yield from (f"{place}.{name} is new" for name in after if name not in before)
    both = [name for name in before if name in after]
    if both != [name for name in after if name in before]:
        yield f"{place}: its members are in another order"
    for name in both:
        yield from compare(before[name], after[name], f"{place}.{name}")


def _type(shape: Shape) -> str:
    if isinstance(shape, str):
        return shape
    return "array" if isinstance(shape, tuple) else "object"


def _events(pieces: Sequence[Piece]) -> list[Event]:
    return [_event(piece.data) for piece in pieces if piece.data.strip()]


def _event(data: bytes) -> Event:
    name, text = "", b""
    for line in data.splitlines():
        member, _, value = line.partition(b":")
        if member == b"event":
            name = value.strip().decode(errors="replace")
        elif member == b"data":
            text += value.strip()
    if text == b"[DONE]":
        return Event("[DONE]", "null")
    return Event(name, _json(text))


def _json(data: bytes) -> Shape:
    """The shape of JSON; of anything else, that it is something else."""
    try:
        return shape_of(cast("object", msgspec.json.decode(data)))
    except (ValueError, RecursionError):
        return "bytes" if data else "nothing"
