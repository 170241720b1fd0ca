import io
import logging
import os
import socket
from collections.abc import Iterator

import pytest

from simulator.telemetry import logs
from simulator.telemetry.logs import ConsoleLines, console_lines, set_levels, show_lines


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
    """Counts its writes."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        return super().write(text)


def test_lines_that_wait_are_written_at_the_end_of_the_process() -> None:
    terminal = Terminal()
    lines = ConsoleLines(terminal)
    lines.add(["one"])
    lines.flush()  # as logging.shutdown does
    lines.close()
    lines.flush()
    assert (terminal.writes, terminal.getvalue()) == (1, "one\n")


def test_a_pipe_gets_whole_lines_so_that_those_of_several_processes_do_not_mix() -> None:
    lines = [b"%d" % number * 700 + b"\n" for number in range(9)]
    # Packets keep the writes apart, which a pipe would join.
    reading, writing = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with reading, writing:
        logs.write_in_lines(writing.fileno(), b"".join(lines))
        writing.shutdown(socket.SHUT_WR)
        written = list(iter(lambda: reading.recv(65_536), b""))
    assert b"".join(written) == b"".join(lines)
    assert [piece.count(b"\n") for piece in written] == [5, 4]
    assert all(piece.endswith(b"\n") for piece in written)


def test_a_file_is_written_past_the_buffer_of_its_stream() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as read, os.fdopen(writer, "w", encoding="utf-8") as stream:
        os.set_blocking(writer, False)
        lines = ConsoleLines(stream)
        stream.write("held back")
        lines.add(["\u00e9" * 200_000])
        assert read.readline() == ("\u00e9" * 200_000 + "\n").encode()
        lines.flush()


def console_lines_of(logger: str) -> ConsoleLines:
    lines = console_lines(logger)
    assert lines is not None
    return lines


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
    console_lines_of("tests.lines").flush()
    handler.flush()
    assert (shown.getvalue(), above.getvalue()) == ("one line\n", "")


def test_lines_that_are_shown_can_be_written_directly(shown: Terminal) -> None:
    lines = console_lines_of("tests.lines")
    lines.add(["one"])
    lines.flush()
    assert shown.getvalue() == "one\n"


def test_a_logger_that_is_not_shown_has_no_console_lines() -> None:
    logging.getLogger("tests.other").addHandler(logging.NullHandler())
    assert console_lines("tests.other") is None
