"""Shapes of answers: what is drift, and what is just another value."""

import json
from typing import Any

import pytest

from simulator.messages import Request
from simulator.recordings.analysis.shapes import MOST_DIFFERENCES, differences
from simulator.recordings.exchange import Exchange, Piece

REQUEST = Request("POST", "/openai/deployments/chat/chat/completions")
HEADERS = {"content-type": "application/json; charset=utf-8", "x-ms-region": "East US 2"}


def plain(body: object, headers: dict[str, str] | None = None, status: int = 200) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(REQUEST, status, {**HEADERS, **(headers or {})}, (Piece(data, 0),), 0)


def stream(*events: object) -> Exchange:
    data = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
    pieces = tuple(Piece(b"data: " + one + b"\n\n", 0) for one in data)
    return Exchange(REQUEST, 200, {"content-type": "text/event-stream"}, pieces, 0, streamed=True)


BODY = {"id": "a", "choices": [{"index": 0, "text": "Hi"}], "usage": {"total": 3}, "note": None}


@pytest.mark.parametrize(
    "now",
    [
        BODY,
        {**BODY, "id": "b", "usage": {"total": 4.5}},
        {**BODY, "choices": [{"index": 0, "text": "Hi"}, {"index": 1, "text": "Ho"}]},
        {**BODY, "choices": []},
        {**BODY, "note": "text"},
        {**BODY, "usage": None},
    ],
)
def test_another_value_is_no_drift(now: object) -> None:
    assert differences(plain(BODY), plain(now)) == []


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ({**BODY, "more": 1}, ["body.more is new"]),
        ({"id": "a", "choices": [], "usage": {"total": 1}}, ["body.note is gone"]),
        ({**BODY, "id": 1}, ["body.id: string, now number"]),
        ({**BODY, "id": True}, ["body.id: string, now boolean"]),
        ({**BODY, "usage": []}, ["body.usage: object, now array"]),
        ({**BODY, "choices": [{"index": "0", "text": ""}]}, ["body.choices[].index: number, now string"]),
        ({**BODY, "choices": [{"index": 0}]}, ["body.choices[].text is gone"]),
        (dict(reversed(BODY.items())), ["body: its members are in another order"]),
        (b"<html>", ["body: object, now bytes"]),
        (b"", ["body: object, now nothing"]),
    ],
)  # fmt: skip
def test_members_types_and_order_are_drift(now: object, found: list[str]) -> None:
    assert differences(plain(BODY), plain(now)) == found


def test_a_status_says_it_all() -> None:
    assert differences(plain(BODY), plain({"error": {}}, status=404)) == ["status: 200, now 404"]


def test_headers_count_by_name_if_they_are_recorded_at_all() -> None:
    before = plain(BODY, {"openai-version": "1", "date": "now"})
    after = plain(BODY, {"x-request-id": "1", "server": "x", "x-ratelimit-key": "r"})
    assert differences(before, after) == [
        "header openai-version is gone",
        "header x-request-id is new",
    ]


def test_another_kind_of_content_is_drift() -> None:
    after = plain(BODY, {"content-type": "text/plain"})
    assert differences(plain(BODY), after) == ["content-type: application/json, now text/plain"]


ROLE = {"choices": [{"delta": {"role": "assistant"}}]}
TEXT = {"choices": [{"delta": {"content": "a"}}]}
END = {"choices": [{"delta": {}}]}


def test_a_longer_stream_is_no_drift() -> None:
    now = stream(ROLE, TEXT, TEXT, TEXT, END, b"[DONE]")
    assert differences(stream(ROLE, TEXT, END, b"[DONE]"), now) == []


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ((ROLE, TEXT, END), "events: 4 turns, now 3"),
        ((b"[DONE]",), "events, turn 1: {choices[{delta{role}}]}, now [DONE]"),
        ((ROLE, {"choices": [{"delta": {"content": 1}}]}, END, b"[DONE]"), "delta.content: string, n"),
        ((ROLE, {**TEXT, "new": 1}, END, b"[DONE]"), "events, turn 2, data.new is new"),
        (
            (ROLE, {**TEXT, "x" * 100: 1, "y": 2}, END, b"[DONE]"),
            f"events, turn 2, data.{'x' * 100} is new",
        ),
        (
            (ROLE, {"choices": [{"delta": {"content": "a", "refusal": "b"}}]}, END, b"[DONE]"),
            "events, turn 2, data.choices[].delta.refusal is new",
        ),
    ],
)  # fmt: skip
def test_events_in_other_turns_or_shapes_are_drift(now: Any, found: str) -> None:
    assert found in differences(stream(ROLE, TEXT, END, b"[DONE]"), stream(*now))[0]


def test_of_events_in_other_turns_the_members_are_named() -> None:
    now = stream(TEXT, END, b"[DONE]")
    assert differences(stream(ROLE, TEXT, END, b"[DONE]"), now) == [
        "events, turn 1, data.choices[].delta.role is gone",
        "events, turn 1, data.choices[].delta.content is new",
    ]


def test_named_events_are_distinguished() -> None:
    def named(name: str) -> Exchange:
        pieces = (Piece(f"event: {name}\ndata: {{}}\n\n".encode(), 0),)
        return Exchange(REQUEST, 200, {}, pieces, 0, streamed=True)

    assert differences(named("a"), named("b")) == ["events, turn 1: a {}, now b {}"]


def test_a_flood_of_differences_is_cut() -> None:
    now = {**BODY, **{f"new-{number}": 1 for number in range(500)}}
    assert len(differences(plain(BODY), plain(now))) == MOST_DIFFERENCES
    [line] = differences(plain(BODY), plain({**BODY, "n" * 100_000: 1}))
    assert len(line) == 500


def test_what_nests_deeply_ends() -> None:
    deep: Any = "x"
    for _ in range(500):
        deep = [deep]
    assert differences(plain(deep), plain(deep)) == []
