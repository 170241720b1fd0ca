import logging
import sys

import pytest

from simulator.telemetry.line_format import LineFormat


def record(message: str, **members: object) -> logging.LogRecord:
    made = {"name": "a", "levelname": "WARNING", "msg": message, "args": ()}
    return logging.makeLogRecord({**made, **members})


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("grüße, 世界", "W: grüße, 世界"),
        ("x\n2026-01-01 WARNING FORGED", "W: x\\n2026-01-01 WARNING FORGED"),
        ("x\r\x1b[31m\u2028y\x85", "W: x\\r\\x1b[31m\\u2028y\\x85"),
        ("x" * 5_000, "W: " + "x" * 4_000 + "…"),
    ],
)
def test_a_message_is_one_line_of_a_bounded_length(message: str, line: str) -> None:
    assert LineFormat("W: %(message)s").format(record(message)) == line


def test_no_line_of_a_traceback_looks_like_a_message() -> None:
    try:
        raise ValueError("x\nW: FORGED \x1b[31m")
    except ValueError:
        lines = LineFormat("W: %(message)s").format(record("broken", exc_info=sys.exc_info()))
    head, *more = lines.split("\n")
    assert head == "W: broken"
    assert all(line.startswith("    ") and "\x1b" not in line for line in more)
