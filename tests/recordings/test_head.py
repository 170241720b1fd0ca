import msgspec
import pytest

from simulator.messages import Request
from simulator.recordings.document import document_of, parse, pretty
from simulator.recordings.exchange import Exchange, Piece


def edited(**response):
    exchange = Exchange(Request("POST", "/"), 200, {"a": "b"}, (Piece(b"{}", 1),), 1)
    written = msgspec.json.decode(pretty(document_of(exchange)))
    written["response"] |= response
    return msgspec.json.encode(written)


@pytest.mark.parametrize("status", [-1, 0, 42, 100, 101, 199, 600, 99_999])
def test_a_status_that_no_answer_has_is_broken(status):
    with pytest.raises(ValueError, match="status"):
        parse(edited(status=status))


@pytest.mark.parametrize(
    "headers",
    [
        {"": "a"},
        {"a b": "c"},
        {"a:": "c"},
        {"a\n": "c"},
        {"\u00e9": "c"},
        {"a": "b\r\nc: d"},
        {"a": "\u20ac"},
        {"a": "\x00"},
        {"Content-Length": "3"},
        {"transfer-encoding": "chunked"},
    ],
)
def test_a_header_that_cannot_leave_is_broken(headers):
    with pytest.raises(ValueError, match="header"):
        parse(edited(headers=headers))


def test_what_can_leave_is_read():
    found = parse(edited(status=429, headers={"x-a": "\xe9 b", "Retry-After": "1"}))
    assert found.response.status == 429


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_body_below_a_status_that_has_none_is_broken(status):
    with pytest.raises(ValueError, match=f"status {status} has no body"):
        parse(edited(status=status))
    assert parse(edited(status=status, body={"text": ""})).response.status == status
