import json

import hypothesis
import pytest
from hypothesis import strategies as st
from msgspec import structs

from simulator.messages import Request, Usage
from simulator.recordings.document import (
    document_of,
    exchange_of,
    line,
    parse,
    parse_line,
    pretty,
)
from simulator.recordings.exchange import Exchange, Piece

REQUEST = Request(
    "POST",
    "/openai/deployments/gpt-4o/chat/completions",
    "api-version=2024-10-21",
    {"content-type": "application/json"},
    b'{"messages":[{"role":"user","content":"What is Azure?"}],"stream":true}',
)


def plain(body, request=REQUEST):
    return Exchange(request, 200, {"content-type": "application/json"}, (Piece(body, 7),), 7)


def stream(*events):
    pieces = tuple(Piece(event, moment) for moment, event in enumerate(events))
    return Exchange(REQUEST, 200, {}, pieces, 9, streamed=True, usage=Usage(1, 2, 3, 4))


def written_body(exchange):
    return json.loads(pretty(document_of(exchange)))["response"]["body"]


def there_and_back(exchange):
    return exchange_of(parse(pretty(document_of(exchange))))


# How long examples take to make depends on what else the machine does.
patient = hypothesis.settings(
    deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
spelled_json = st.builds(
    lambda value, ascii_only, separators, indent, end: (
        json.dumps(value, ensure_ascii=ascii_only, separators=separators, indent=indent) + end
    ).encode("utf-8", "surrogatepass"),
    json_values,
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), None]),
    st.sampled_from([None, 0, 2, 4]),
    st.sampled_from(["", "\n", "\r\n", "\n\n"]),
)
bodies = spelled_json | st.binary() | st.text().map(lambda text: text.encode())
events = (
    spelled_json.map(lambda data: b"data: " + data + b"\n\n")
    | st.builds(lambda name, data: b"event: %b\ndata: %b\n\n" % (name, data), bodies, bodies)
    | bodies
    | st.sampled_from([b"data: [DONE]\n\n", b": comment\n\n", b"data:tight\r\n\r\n", b"id: 1\n\n"])
)


@patient
@hypothesis.given(bodies)
def test_a_body_comes_back_byte_for_byte(body):
    assert there_and_back(plain(body)).body == body


@patient
@hypothesis.given(st.lists(events))
def test_a_stream_comes_back_byte_for_byte_with_its_moments(found):
    exchange = stream(*found)
    assert there_and_back(exchange).pieces == exchange.pieces


@patient
@hypothesis.given(bodies, st.lists(events))
def test_a_request_comes_back_byte_for_byte_beside_any_stream(body, found):
    request = Request("PUT", "/ü/\x01", "a=1&b=%26&a=", {"accept": "é"}, body)
    exchange = Exchange(request, 200, {}, stream(*found).pieces, 9, streamed=True)
    back = there_and_back(exchange)
    assert back.request.body == body
    assert back.pieces == exchange.pieces
    assert sorted(back.request.query_pairs) == sorted(request.query_pairs)


def test_everything_of_an_exchange_comes_back():
    exchange = Exchange(
        REQUEST, 201, {"x-ms-region": "East US"}, (Piece(b"{}", 12),), 12,
        usage=Usage(11, 42, 5, 6), key="b8b65a6889f3a05eb8ee00751acb09cc",
        recorded_at="2026-11-22T20:15:03.123Z",
    )  # fmt: skip
    assert there_and_back(exchange) == exchange


def test_the_resource_of_a_fleet_comes_back_and_is_written_only_where_there_is_one():
    of_fleet = structs.replace(REQUEST, resource="eastus2")
    exchange = Exchange(of_fleet, 200, {}, (Piece(b"{}", 12),), 12)
    assert there_and_back(exchange).request.resource == "eastus2"
    plain = structs.replace(exchange, request=REQUEST)
    written = [pretty(document_of(one)) for one in (exchange, plain)]
    assert [b'"resource": "eastus2"' in text for text in written] == [True, False]
    assert b"resource" not in written[1]


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (b'{"a":[1,2]}', {"json": {"a": [1, 2]}}),
        (b'{"a":[1,2]}\n', {"json": {"a": [1, 2]}, "end": "\n"}),
        (b'{"a": [1, 2]}', {"json": {"a": [1, 2]}, "layout": "spaced"}),
        (b'{\n  "a": 1\n}\n', {"json": {"a": 1}, "layout": "indented", "end": "\n"}),
        (b'{"a":1 }', {"text": '{"a":1 }'}),
        (b'{"a":1,}', {"text": '{"a":1,}'}),
        (b'{"a":"\\ud800"}', {"text": '{"a":"\\ud800"}'}),
        (b"12", {"text": "12"}),
        (b"", {"text": ""}),
        ("Grüße".encode(), {"text": "Grüße"}),
        (b"\xff\x00", {"base64": "/wA="}),
    ],
)
def test_a_body_has_the_first_form_that_loses_nothing(body, written):
    assert written_body(plain(body)) == written


@pytest.mark.parametrize("depth", [900, 5_000, 200_000])
def test_json_that_is_nested_too_deeply_to_be_written_is_text(depth):
    body = b"[" * depth + b"]" * depth
    assert there_and_back(plain(body)).body == body


@pytest.mark.parametrize(
    ("event", "written"),
    [
        (b'data: {"a":1}\n\n', {"t_ms": 0, "data": {"a": 1}}),
        (b"data: [DONE]\n\n", {"t_ms": 0, "data": "[DONE]"}),
        (b'data: {"a": 1}\n\n', {"t_ms": 0, "data": '{"a": 1}'}),
        (b'event: x.y\ndata: {"a":1}\n\n', {"t_ms": 0, "event": "x.y", "data": {"a": 1}}),
        (b"data:tight\n\n", {"t_ms": 0, "raw": "data:tight\n\n"}),
        (b"data: two\ndata: lines\n\n", {"t_ms": 0, "raw": "data: two\ndata: lines\n\n"}),
        (b"data: cut", {"t_ms": 0, "raw": "data: cut"}),
        (b"data: \xff\n\n", {"t_ms": 0, "base64": "ZGF0YTog/woK"}),
    ],
)
def test_an_event_has_the_first_form_that_loses_nothing(event, written):
    assert written_body(stream(event)) == {"sse": [written]}


def test_an_event_takes_one_line_for_people():
    text = pretty(document_of(stream(b'data: {"a":[1,2]}\n\n', b"data: [DONE]\n\n"))).decode()
    assert '\n        {"t_ms":0,"data":{"a":[1,2]}},\n' in text
    assert '\n        {"t_ms":1,"data":"[DONE]"}\n      ]\n' in text


def test_a_request_that_looks_like_a_stream_does_not_confuse_the_writer():
    request = Request("POST", "/", body=b'{"sse":[]}')
    exchange = Exchange(request, 200, {}, (Piece(b"data: 1\n\n", 1),), 1, streamed=True)
    back = there_and_back(exchange)
    assert (back.request.body, back.body) == (b'{"sse":[]}', b"data: 1\n\n")


def edited(**changes):
    document = json.loads(pretty(document_of(plain(b"{}"))))
    document["response"].update(changes)
    return json.dumps(document).encode()


def test_what_people_write_by_hand_is_enough():
    by_hand = b"""\xef\xbb\xbf{"schema": 1,
      "request": {"method": "GET", "path": "/a", "query": {}, "headers": {}, "body": {"text": ""}},
      "response": {"status": 200, "headers": {}, "duration_ms": 5, "note": "ignored",
                   "body": {"json": {"hand": [1,\r\n 2]}}}}"""
    assert exchange_of(parse(by_hand)).body == b'{"hand":[1,2]}'


def test_a_text_of_several_lines_in_an_event_becomes_several_lines_of_data():
    body = {"sse": [{"t_ms": 1, "data": "a\nb"}]}
    assert exchange_of(parse(edited(body=body))).body == b"data: a\ndata: b\n\n"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"status": "200"}, "^response.status: expected a whole number$"),
        ({"body": {}}, "exactly one of json, text, base64, file and sse"),
        ({"body": {"text": "", "json": {}}}, "exactly one of json, text"),
        ({"body": {"base64": "?"}}, "base64"),
        ({"body": {"sse": [{"t_ms": 1}]}}, "exactly one of data, raw and base64"),
        ({"body": {"sse": [{"t_ms": 1, "data": 1, "raw": ""}]}}, "exactly one of data"),
        ({"body": {"sse": [{"data": "x"}]}}, r"^response.body.sse\[0\]: 't_ms' is missing$"),
        ({"body": {"sse": [{"t_ms": 10**20, "data": "x"}]}}, r"t_ms: .* <= 86400000$"),
        ({"duration_ms": 86_400_001}, "^response.duration_ms: .* <= 86400000$"),
        ({"body": {"json": {}, "layout": "wild"}}, "wild"),
        ({"body": {"file": "a.bin"}}, "the file a.bin beside it is missing"),
    ],
)
def test_what_an_edit_has_broken_is_named(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        exchange_of(parse(edited(**changes)))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"schema": 1}', b"[" * 100_000])
def test_what_is_no_recording_at_all_is_refused(data):
    with pytest.raises(ValueError, match=r"\S"):
        parse(data)


def test_a_later_schema_is_refused_by_its_number():
    later = pretty(document_of(plain(b"{}"))).replace(b'"schema": 1', b'"schema": 2')
    with pytest.raises(ValueError, match="schema 2 is not known"):
        parse(later)


def test_a_body_in_a_file_is_named_in_the_document_and_read_from_it():
    document = document_of(plain(b"\xff"), request_file="a.request.bin", response_file="a.bin")
    exchange = exchange_of(parse(pretty(document)), b"attached")
    assert (exchange.body, exchange.request.body) == (b"attached", b"")


def test_a_line_of_a_batch_comes_back_as_it_was():
    name = "v1/a/b/" + "0" * 32 + ".json"
    written = line(name, document_of(stream(b"data: 1\n\n")))
    assert written.count(b"\n") == 1
    found = parse_line(written.rstrip())
    assert found.name == name
    assert exchange_of(found.document).body == b"data: 1\n\n"


@pytest.mark.parametrize("name", ["../../etc/passwd", "v1/a/b/short.json", ".spool/x.jsonl", ""])
def test_a_line_that_names_no_recording_is_refused(name):
    with pytest.raises(ValueError, match="not the name of a recording"):
        parse_line(line(name, document_of(plain(b""))))


@pytest.mark.parametrize(
    ("body", "content_type", "streamed"),
    [
        ({"json": {"a": 1}}, "application/json", False),
        ({"text": "Hello"}, "application/json", False),
        ({"sse": [{"t_ms": 0, "data": "[DONE]"}]}, "text/event-stream; charset=utf-8", True),
    ],
)
def test_a_recording_by_hand_needs_the_body_of_its_answer_alone(body, content_type, streamed):
    exchange = exchange_of(parse(json.dumps({"response": {"body": body}}).encode()))
    assert exchange.status == 200
    assert exchange.headers == {"content-type": content_type}
    assert exchange.streamed is streamed


def test_what_a_recording_by_hand_says_is_taken():
    written = {"response": {"status": 404, "duration_ms": 5, "body": {"text": "no"}}}
    exchange = exchange_of(parse(json.dumps(written).encode()))
    assert (exchange.status, exchange.duration_ms, exchange.body) == (404, 5, b"no")
