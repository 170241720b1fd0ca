"""When the events of a chat stream are due."""

import random
import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.models import find_model
from simulator.latency import Tempo
from simulator.messages import Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.stream import chat_chunks
from simulator.operations.chat.wire import EventTemplate
from simulator.synthesis.drafts import Draft
from simulator.wire.obfuscation import Padding
from simulator.wire.packed_chunks import FEWEST, PackedChunks

IDENTITY = AnswerIdentity("chatcmpl-x", 1, find_model("gpt-5"))
TEMPLATE = EventTemplate(IDENTITY, include_usage=True, padding=None)
TEMPO = Tempo(first=0.5, between=0.1)


def due(*drafts: Draft, tempo: Tempo = TEMPO) -> list[float]:
    choices = [Choice(draft, "stop") for draft in drafts]
    chunks = chat_chunks(TEMPLATE, choices, usage=Usage(1), tempo=tempo)
    return [chunk.due for chunk in chunks]


def draft(tokens: int, reasoning: int = 0) -> Draft:
    return Draft(["a"] * tokens, tokens, "stop", reasoning)


def test_each_token_is_due_at_its_own_moment() -> None:
    # Filter, role, three tokens, finish, usage, end.
    assert due(draft(3)) == pytest.approx([0.5, 0.5, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7])


def test_thinking_comes_before_the_first_event() -> None:
    assert due(draft(1, reasoning=10))[0] == pytest.approx(TEMPO.at(11))


def test_thinking_alone_ends_when_it_is_done() -> None:
    assert set(due(draft(0, reasoning=10))) == {TEMPO.at(10)}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4))
def test_events_follow_one_another_and_end_with_the_longest_choice(
    choices: list[tuple[int, int]],
) -> None:
    moments = due(*(draft(tokens, reasoning) for tokens, reasoning in choices))
    assert all(later >= earlier for earlier, later in pairwise(moments))
    assert moments[-1] == TEMPO.at(max(tokens + reasoning for tokens, reasoning in choices))


@given(st.lists(st.text(alphabet="ab é<\n", max_size=80), min_size=1, max_size=40))
def test_padded_events_that_go_together_differ_in_their_padding_alone(pieces: list[str]) -> None:
    choices = [Choice(Draft(pieces, len(pieces), "stop", escapable=True), "stop")]
    apart, joined = (_padded(choices, together=together) for together in (False, True))
    assert [len(event) for event in joined] == [len(event) for event in apart]
    padding = re.compile(rb'"obfuscation":"[0-9A-Za-z]+"')
    assert [padding.sub(b"", event) for event in joined] == [
        padding.sub(b"", event) for event in apart
    ]


def _padded(choices: Sequence[Choice], *, together: bool) -> list[bytes]:
    template = EventTemplate(IDENTITY, include_usage=True, padding=Padding(random.Random(1)))
    chunks = chat_chunks(
        template, choices, usage=None, tempo=Tempo(0.5, between=0.0), together=together
    )
    return b"".join(chunk.data for chunk in chunks).split(b"\n\n")


@pytest.mark.parametrize("pieces", [["a"] * 5000, ["é", "", "<", "\n"], []])
def test_events_that_go_together_are_the_same_bytes_in_fewer_chunks(pieces: list[str]) -> None:
    choices = [Choice(Draft(pieces, len(pieces), "stop", escapable=True), "stop")]
    apart, joined = (
        list(
            chat_chunks(
                TEMPLATE, choices, usage=None, tempo=Tempo(0.5, between=0.0), together=together
            )
        )
        for together in (False, True)
    )
    assert b"".join(chunk.data for chunk in joined) == b"".join(chunk.data for chunk in apart)
    assert {chunk.due for chunk in joined} == {chunk.due for chunk in apart}
    assert len(joined) <= 6


def test_events_with_moments_of_their_own_stay_apart() -> None:
    choices = [Choice(draft(3), "stop")]
    chunks = chat_chunks(TEMPLATE, choices, usage=None, tempo=TEMPO, together=True)
    assert len(list(chunks)) == 7


@pytest.mark.parametrize("padded", [False, True])
@given(pieces=st.lists(st.text(alphabet="ab é<\n", max_size=80), min_size=FEWEST, max_size=40))
def test_events_that_wait_for_moments_of_their_own_are_the_same_and_take_less_room(
    pieces: list[str], padded: bool
) -> None:
    choices = [Choice(Draft(pieces, len(pieces), "stop", 2, escapable=True), "stop")]
    waiting, at_once = (
        chat_chunks(
            EventTemplate(
                IDENTITY, include_usage=True, padding=Padding(random.Random(1)) if padded else None
            ),
            choices,
            usage=None,
            tempo=tempo,
        )
        for tempo in (TEMPO, TEMPO._replace(between=0.0))
    )
    assert isinstance(waiting, PackedChunks)
    assert [chunk.data for chunk in waiting] == [chunk.data for chunk in at_once]
    moments = [TEMPO.at(2 + unit) for unit, piece in enumerate(pieces, 1) if piece]
    assert [chunk.due for chunk in waiting][2:-2] == pytest.approx(moments)
