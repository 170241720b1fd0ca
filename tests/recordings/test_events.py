import hypothesis
import pytest
from hypothesis import strategies as st

from simulator.recordings.events import EventSplitter

EVENTS = [
    b"data: 1\n\n",
    b"event: x\ndata: 2\r\n\r\n",
    b"data: 3\r\r",
    b"\n\n",
    b"data: [DONE]\n\n",
]


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(st.sampled_from(EVENTS)), st.integers(1, 7), st.binary(max_size=3))
def test_events_are_the_same_however_the_stream_is_cut(events, size, rest):
    hypothesis.assume(not {b"\n", b"\r"} & {rest[i : i + 1] for i in range(3)})
    whole = b"".join(events) + rest
    splitter = EventSplitter()
    found = [
        event
        for start in range(0, len(whole), size)
        for event in splitter.feed(whole[start : start + size])
    ]
    assert b"".join([*found, splitter.rest()]) == whole
    assert splitter.rest() == rest


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_ends_with_its_blank_line_and_not_before(event):
    splitter = EventSplitter()
    assert splitter.feed(event[:-1]) == []
    assert splitter.feed(event[-1:] + b"data") == [event]
    assert splitter.rest() == b"data"


def test_an_event_without_end_is_searched_once():
    """A copy of all of it for each piece takes minutes."""
    splitter = EventSplitter()
    for _ in range(60_000):
        assert splitter.feed(b"x" * 60) == []
    (event,) = splitter.feed(b"\n\nrest")
    assert len(event) == 60_000 * 60 + 2
    assert splitter.rest() == b"rest"
