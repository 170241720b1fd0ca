"""Faults of answers that have begun: bodies that are no streams, and the tokens of each stream."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.messages import Answer, Chunk
from simulator.wire.broken_bodies import malformed
from simulator.wire.faults import Spoil, SpoilKind, spoiled
from simulator.wire.sse import event

PIECES = st.lists(st.binary(max_size=9), max_size=6)


def sound(*pieces: bytes) -> Answer:
    chunks = tuple(Chunk(piece, float(moment)) for moment, piece in enumerate(pieces))
    return Answer(200, chunks, "audio/mpeg", streamed=True)


def chunks_of(answer: Answer) -> list[Chunk]:
    assert isinstance(answer.chunks, tuple)
    return list(answer.chunks)


def body_of(answer: Answer) -> bytes:
    return b"".join(chunk.data for chunk in chunks_of(answer))


@given(pieces=PIECES)
@pytest.mark.parametrize("kind", ["truncate", "disconnect"])
def test_half_of_the_bytes_are_sent_however_they_are_cut(
    kind: SpoilKind, pieces: list[bytes]
) -> None:
    whole = b"".join(pieces)
    answer = spoiled(sound(*pieces), Spoil(kind))
    assert body_of(answer) == whole[: len(whole) // 2]
    assert (answer.breakage is not None) == (kind == "disconnect")


@given(pieces=PIECES)
def test_sound_pauses_in_the_middle_and_loses_nothing(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    chunks = chunks_of(spoiled(sound(*pieces), Spoil("stall", seconds=60)))
    assert b"".join(chunk.data for chunk in chunks) == whole
    early = b"".join(chunk.data for chunk in chunks if chunk.due < 60)
    assert early == whole[: len(whole) // 2]


def test_a_body_that_leaves_whole_waits_as_a_whole() -> None:
    answer = spoiled(Answer.plain(b'{"a":1}', due=1), Spoil("stall", seconds=60))
    assert chunks_of(answer) == [Chunk(b'{"a":1}', 61)]


@given(value=st.dictionaries(st.text(), st.integers()) | st.lists(st.integers()))
def test_malformed_json_is_none(value: object) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(malformed(json.dumps(value).encode() + b"\n"))


def test_malformed_sound_has_no_byte_of_what_it_was() -> None:
    answer = spoiled(sound(b"ID3", b"\xff\xfb"), Spoil("malformed"))
    assert body_of(answer) == bytes(255 - byte for byte in b"ID3\xff\xfb")


@pytest.mark.parametrize("kind", ["error_event", "failed_event"])
def test_an_error_in_the_place_of_sound_says_that_it_is_json(kind: SpoilKind) -> None:
    answer = spoiled(sound(b"ID3"), Spoil(kind))
    assert answer.content_type == "application/json"
    assert json.loads(body_of(answer))["error"]["code"] == "server_error"


@pytest.mark.parametrize("kind", ["no_usage", "empty"])
def test_what_sound_does_not_have_it_does_not_lose(kind: SpoilKind) -> None:
    answer = spoiled(sound(b"ID3", b"x"), Spoil(kind))
    assert body_of(answer) == (b"" if kind == "empty" else b"ID3x")
    assert answer.content_type == "audio/mpeg"


@pytest.mark.parametrize(
    "token",
    [
        event(b'{"choices":[{"delta":{"content":"One"}}]}'),
        event(b'{"choices":[{"text":"One"}]}'),
        event(b'{"type":"speech.audio.delta","audio":"AAAA"}'),
        event(b'{"type":"transcript.text.delta","delta":"One"}'),
        event(b'{"type":"image_generation.partial_image"}', "image_generation.partial_image"),
        event(b'{"type":"response.output_text.delta"}', "response.output_text.delta"),
    ],
)
def test_a_stream_of_any_operation_is_cut_after_its_tokens(token: bytes) -> None:
    head = event(b'{"type":"begun"}')
    answer = Answer.stream(tuple(Chunk(data) for data in (head, token, head, token, head)))
    assert body_of(spoiled(answer, Spoil("truncate", 2))) == head + token + head + token


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (event(b'{"type":"done","usage":{"a":1}}'), event(b'{"type":"done"}')),
        (event(b'{"choices":[],"usage":{"a":1}}'), b""),
        (
            event(b'{"response":{"id":"r","usage": {"a":1}}}', "response.completed"),
            event(b'{"response":{"id":"r","usage":null}}', "response.completed"),
        ),
        (event(b'no JSON, "usage":{'), event(b'no JSON, "usage":{')),
        (event(b'{"text":"\\"usage\\":{"}'), event(b'{"text":"\\"usage\\":{"}')),
    ],
)
def test_each_stream_loses_its_usage(data: bytes, left: bytes) -> None:
    answer = Answer.stream((Chunk(data),))
    assert body_of(spoiled(answer, Spoil("no_usage"))) == left


@pytest.mark.parametrize("first", [event(b"no JSON", "response.created"), event(b"{}")])
def test_a_stream_without_a_response_ends_with_an_error(first: bytes) -> None:
    answer = Answer.stream((Chunk(first), Chunk(event(b"{}", "x"))))
    ended = body_of(spoiled(answer, Spoil("failed_event", 1, by_tokens=False)))
    assert ended.startswith(first + b"event: error\n")
