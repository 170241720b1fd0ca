import asyncio
import io
import logging
from collections.abc import Iterator

import pytest

from simulator.telemetry.logs import ConsoleLines, line_writer, set_levels, show_lines


@pytest.fixture(autouse=True)
def levels() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, "azure", "uvicorn.access")]
    before = [(logger.level, list(logger.filters)) for logger in loggers]
    yield
    for logger, (level, filters) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.filters = filters


def test_the_app_logs_at_the_level_that_is_set() -> None:
    set_levels("ERROR")
    assert logging.getLogger("simulator.app").getEffectiveLevel() == logging.ERROR


def test_the_azure_libraries_log_warnings_only() -> None:
    set_levels("DEBUG")
    assert logging.getLogger("azure.core.pipeline").getEffectiveLevel() == logging.WARNING


def test_no_line_is_logged_for_a_request(caplog: pytest.LogCaptureFixture) -> None:
    set_levels("DEBUG")
    logging.getLogger("uvicorn.access").warning("GET / 200")
    assert not caplog.records


class Terminal(io.StringIO):
    """Counts its writes; one that is gone fails at each."""

    def __init__(self, *, gone: bool = False) -> None:
        super().__init__()
        self.writes = 0
        self._gone = gone

    def write(self, text: str) -> int:
        self.writes += 1
        if self._gone:
            raise BrokenPipeError
        return super().write(text)


async def test_lines_of_a_moment_are_written_at_once() -> None:
    terminal = Terminal()
    lines = ConsoleLines(terminal)
    lines.add("one")
    lines.add("two")
    assert terminal.writes == 0
    await asyncio.sleep(0.15)
    assert (terminal.writes, terminal.getvalue()) == (1, "one\ntwo\n")


def test_a_line_is_written_at_once_where_no_loop_runs() -> None:
    terminal = Terminal()
    ConsoleLines(terminal).add("one")
    assert terminal.getvalue() == "one\n"


async def test_lines_that_wait_are_written_at_the_end_of_the_process() -> None:
    terminal = Terminal()
    lines = ConsoleLines(terminal)
    lines.add("one")
    lines.close()
    lines.flush()  # as logging.shutdown does
    lines.flush()
    assert (terminal.writes, terminal.getvalue()) == (1, "one\n")


def test_a_terminal_that_is_gone_is_no_error() -> None:
    ConsoleLines(Terminal(gone=True)).add("one")


@pytest.fixture
def shown() -> Iterator[Terminal]:
    logger = logging.getLogger("tests.lines")
    terminal = Terminal()
    logger.setLevel(logging.INFO)
    show_lines("tests.lines", terminal)
    yield terminal
    logger.handlers.clear()


def test_what_a_logger_shows_goes_nowhere_else(shown: Terminal) -> None:
    above = Terminal()
    parent = logging.getLogger("tests")
    parent.addHandler(handler := ConsoleLines(above))
    logging.getLogger("tests.lines").info("one %s", "line")
    parent.removeHandler(handler)
    assert (shown.getvalue(), above.getvalue()) == ("one line\n", "")


def test_lines_that_are_shown_can_be_written_directly(shown: Terminal) -> None:
    write = line_writer("tests.lines")
    assert write is not None
    write("one")
    assert shown.getvalue() == "one\n"


def test_a_logger_that_is_not_shown_has_no_writer() -> None:
    logging.getLogger("tests.other").addHandler(logging.NullHandler())
    assert line_writer("tests.other") is None
