import io
import logging
import re

import pytest

from simulator.messages import Request
from simulator.telemetry.logs import REQUESTS, console_lines, show_lines
from tests.conftest import KEY


class Console(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("chosen", "terminal", "beginning"),
    [
        ("auto", True, r"\x1b\[2m\d\d:"),
        ("auto", False, r'\{"time":'),
        ("json", True, r'\{"time":'),
        ("text", True, r"\x1b\[2m\d\d:"),
        ("text", False, r"\d\d:\d\d:\d\d root 200"),
    ],
)
async def test_the_form_of_the_log_is_for_who_reads_it(
    make_simulator, chosen: str, terminal: bool, beginning: str
) -> None:
    console = Console(terminal=terminal)
    logger = logging.getLogger(REQUESTS)
    logger.handlers.clear()
    level = logger.level
    logger.setLevel(logging.INFO)
    show_lines(REQUESTS, console)
    simulator = make_simulator(log_format=chosen)
    await simulator(Request("GET", "/", headers={"api-key": KEY}))
    await simulator.close()
    lines = console_lines(REQUESTS)
    assert lines is not None
    lines.flush()
    logger.setLevel(level)
    assert re.match(beginning, console.getvalue())
