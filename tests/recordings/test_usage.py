import pytest

from simulator.messages import Usage
from simulator.recordings.exchange import Piece
from simulator.recordings.usage import usage_of

CHAT = (
    b'{"usage":{"prompt_tokens":9,"completion_tokens":20,"total_tokens":29,'
    b'"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":7}}}'
)
RESPONSE = (
    b'{"input_tokens":9,"output_tokens":20,"input_tokens_details":{"cached_tokens":4},'
    b'"output_tokens_details":{"reasoning_tokens":7}}'
)
ALL = Usage(prompt=9, completion=20, reasoning=7, cached=4)
WRITTEN = Usage(prompt=9, written=6)


@pytest.mark.parametrize(
    ("body", "usage"),
    [
        (CHAT, ALL),
        (b'{"usage":%b}' % RESPONSE, ALL),
        (b'{"usage":{"prompt_tokens":8,"total_tokens":8}}', Usage(8)),
        (b'{"usage":{"input_tokens":9,"input_tokens_details":{"cache_write_tokens":6}}}', WRITTEN),
        (b'{"usage":{"input_tokens":3,"cache_creation_input_tokens":6}}', WRITTEN),
        (b'{"usage":{"prompt_tokens":8},"service_tier":"priority"}', Usage(8, tier="priority")),
        (b'{"usage":{"prompt_tokens":8},"service_tier":"auto"}', Usage(8)),
        (b'{"usage":null}', None),
        (b'{"choices":[]}', None),
        (b'{"usage":"much"}', None),
        (b'{"usage"', None),
        (b'"usage"' + b"[" * 100_000, None),
        (b"\xff\x00", None),
        (b"", None),
    ],
)
def test_the_usage_of_a_body_is_read(body, usage):
    assert usage_of((Piece(body, 0),), streamed=False) == usage


@pytest.mark.parametrize(
    ("events", "usage"),
    [
        ([b"data: %b\n\n" % CHAT, b"data: [DONE]\n\n"], ALL),
        ([b'event: response.completed\ndata: {"response":{"usage":%b}}\n\n' % RESPONSE], ALL),
        ([b"data: %b\n\n" % CHAT, b'data: {"usage":null}\n\n', b"data: [DONE]\n\n"], ALL),
        (
            [b'data: {"response":{"service_tier":"flex","usage":{"input_tokens":8}}}\n\n'],
            Usage(8, tier="flex"),
        ),
        ([b'data: {"usage":null}\n\n'], None),
        ([b"data: [DONE]\n\n"], None),
        ([], None),
    ],
)
def test_the_last_usage_of_a_stream_is_read(events, usage):
    assert usage_of([Piece(event, 0) for event in events], streamed=True) == usage
