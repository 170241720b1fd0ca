import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from simulator.messages import Answer, Chunk
from simulator.pacing import Pacer
from simulator.wire.packed_chunks import FEWEST, PackedChunks, packed
from tests.support.clock import Clock

_HEAD = b'data: {"choices":[{"content_filter_results":{},"delta":{"content":"'
_MIDDLE = b'"},"index":0}],"id":"chatcmpl-1","model":"gpt-4o","obfuscation":"'
_TAIL = b'","object":"chat.completion.chunk","system_fingerprint":"fp_1"}\n\n'
_PIECES = st.sampled_from(
    [b"", b" next", b" word", b".", b'\\"', b' \\"Hi\\"', b"\\u00e9", b"\xc3\xa9", _MIDDLE, _TAIL]
)


def stream(events: list[bytes], between: float = 0.02) -> Answer:
    chunks = [Chunk(event, at * between) for at, event in enumerate(events)]
    return Answer.stream(tuple(chunks))


def chat(pieces: list[tuple[bytes, bytes]], middle: bytes = _MIDDLE) -> list[bytes]:
    texts = [_HEAD + piece + middle + padding + _TAIL for piece, padding in pieces]
    return [b'data: {"choices":[]}\n\n', *texts, b"data: [DONE]\n\n"]


def chunks_in(answer: Answer) -> tuple[Chunk, ...]:
    assert isinstance(answer.chunks, tuple)
    return answer.chunks


def test_a_stream_that_waits_is_held_in_a_tenth_of_its_bytes() -> None:
    answer = stream(chat([(b" word %d" % number, b"x" * (number % 9)) for number in range(100)]))
    chunks = chunks_in(packed(answer))
    assert isinstance(chunks, PackedChunks)
    assert chunks.size < sum(len(chunk.data) for chunk in chunks) / 10


@pytest.mark.parametrize("middle", [_MIDDLE, b""])
@given(pieces=st.lists(st.tuples(_PIECES, _PIECES), min_size=FEWEST), at=st.integers(-9, 9))
def test_what_is_taken_is_what_was_put_in(
    pieces: list[tuple[bytes, bytes]], at: int, middle: bytes
) -> None:
    answer = stream(chat(pieces, middle))
    before, after = chunks_in(answer), chunks_in(packed(answer))
    assert list(after) == list(before)
    assert len(after) == len(before)
    assert after[at] == before[at]
    assert after[at:] == before[at:]
    assert after[:at] == before[:at]


@given(events=st.lists(st.binary(max_size=40), min_size=FEWEST))
def test_events_that_have_nothing_in_common_stay_as_they_are(events: list[bytes]) -> None:
    answer = stream(events)
    assert list(chunks_in(packed(answer))) == list(chunks_in(answer))


_MANY = chat([(b" word", b"xyz")] * 20)


@pytest.mark.parametrize(
    "answer",
    [
        stream(_MANY, between=0.0),
        stream(_MANY[: FEWEST - 1]),
        stream([*_MANY, b"a zero byte: \0"]),
        structs.replace(stream(_MANY), streamed=False),
        Answer.stream(iter(chunks_in(stream(_MANY)))),
        Answer.plain(b"{}"),
    ],
    ids=["at once", "few", "zero byte", "not a stream", "made on the way", "plain"],
)
def test_no_other_answer_is_changed(answer: Answer) -> None:
    assert packed(answer) is answer


async def test_they_leave_one_by_one_as_others_do() -> None:
    answer, clock = stream(chat([(b" word %d" % number, b"x") for number in range(20)])), Clock()

    async def until(moment: float) -> None:
        clock.now = max(clock.now, moment)

    body = await Pacer(clock, until).pace(packed(answer), clock.now)
    assert not isinstance(body, bytes)
    assert [piece async for piece in body] == [chunk.data for chunk in chunks_in(answer)]
