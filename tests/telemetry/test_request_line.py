import datetime

import msgspec
import pytest

from simulator.telemetry.request_line import RequestLine, coloured_line, text_line

LINE = RequestLine(
    datetime.datetime(2026, 11, 22, 23, 0, 26, 821_814, datetime.UTC),
    "chat_completions",
    deployment="gpt-4o",
    status=200,
    prompt_tokens=8,
    completion_tokens=500,
    seconds=9.3253,
)


def line(**facts) -> RequestLine:
    return msgspec.structs.replace(LINE, **facts)


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (LINE, "23:00:26 chat_completions gpt-4o 200 8+500 tokens 9.325 s"),
        (
            line(first_token_seconds=0.0595, recording="hit", cut=True),
            (
                "23:00:26 chat_completions gpt-4o 200 8+500 tokens 9.325 s, first token 0.059 s, "
                "recording hit, cut off"
            ),
        ),
        (
            line(
                status=429,
                error="RateLimited",
                reason="too\nmany",
                prompt_tokens=None,
                completion_tokens=None,
            ),
            "23:00:26 chat_completions gpt-4o 429 RateLimited 9.325 s: too\\nmany",
        ),
        (
            RequestLine(LINE.time, "unknown", path="/x", status=404, seconds=0.0),
            "23:00:26 unknown /x 404 0.000 s",
        ),
        (
            RequestLine(LINE.time, "root", status=200, seconds=0.0),
            "23:00:26 root 200 0.000 s",
        ),
    ],
)
def test_a_line_for_people_says_what_was_asked_and_how_it_went(seen, text) -> None:
    assert text_line(seen) == text


@pytest.mark.parametrize(("status", "colour"), [(200, 32), (302, 32), (429, 33), (503, 31)])
def test_the_colour_of_the_status_says_who_is_to_blame(status, colour) -> None:
    assert f"\x1b[{colour}m{status}\x1b[0m" in coloured_line(line(status=status))


def test_a_name_cannot_steer_the_terminal() -> None:
    text = text_line(line(deployment="a\x1b[2J\r\n\u202e\u65e5"))
    assert text.isprintable()
    assert "a\\x1b[2J\\r\\n\\u202e\u65e5" in text
