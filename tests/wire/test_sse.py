from simulator.wire.sse import DONE, event


def test_an_event_without_a_name_is_its_data() -> None:
    assert event(b'{"a":1}') == b'data: {"a":1}\n\n'


def test_an_event_with_a_name_says_it_first() -> None:
    assert event(b"{}", "response.created") == b"event: response.created\ndata: {}\n\n"


def test_the_last_event_of_a_stream_is_no_json() -> None:
    assert DONE == b"data: [DONE]\n\n"
