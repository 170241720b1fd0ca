"""The console log: its level, its loggers and its format."""

import logging
import os
import select
import stat
import sys
from collections.abc import Callable, Iterable
from typing import TextIO

from simulator.telemetry.line_format import LineFormat
from simulator.telemetry.line_writer import LineWriter, Sink

REQUESTS = "simulator.requests"
"""The logger of the lines that there are for each request."""


_WHOLE = 4096 if sys.platform == "win32" else select.PIPE_BUF
"""Bytes that a pipe takes in one piece, whoever else writes to it."""


def set_levels(level: str) -> None:
    """Sets the app's level, and quietens those who log something for each request.

    The worker logs at INFO as `azure.functions`, azure-core about 900 bytes for each storage request.
    uvicorn configures its own loggers again when it starts, but leaves filters on them alone.
    """
    logging.getLogger().setLevel(level)
    logging.getLogger("azure").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.access").addFilter(_nothing)


def _nothing(record: logging.LogRecord) -> bool:
    del record
    return False


class ConsoleLines(logging.Handler):
    """Writes lines to the console without ever waiting for it: a full pipe drops lines."""

    def __init__(
        self,
        stream: TextIO,
        *,
        lost: Callable[[int], str] = '{{"dropped_lines":{}}}'.format,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.terminal = stream.isatty()
        self._writer = LineWriter(_sink(stream), lost=lost, on_drop=on_drop)

    def add(self, lines: Iterable[str]) -> None:
        """Take lines, past the records of `logging`, which take longer to make than the lines."""
        self._writer.add(*lines)

    def emit(self, record: logging.LogRecord) -> None:
        self._writer.add(self.format(record))

    def flush(self) -> None:
        self._writer.flush()


def _sink(stream: TextIO) -> Sink:
    """A function that writes to the stream's file, past its buffer: a thread that stands in a write
    would hold the buffer's lock, without which a process cannot end.
    """
    try:
        file = stream.fileno()
    except OSError:  # no file, as in a test

        def write(text: str) -> None:
            stream.write(text)
            stream.flush()

        return write
    put = write_in_lines if stat.S_ISFIFO(os.fstat(file).st_mode) else _write
    return lambda text: put(file, text.encode("utf-8", "backslashreplace"))


def write_in_lines(file: int, data: bytes) -> None:
    """Write pieces that a pipe takes whole, so that several processes do not cut each other's lines."""
    start = 0
    while start < len(data):
        end = start + _WHOLE
        if end < len(data):
            end = data.rfind(b"\n", start, end) + 1 or end
        _write(file, data[start:end])
        start = end


def _write(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(file, left) :]
        except BlockingIOError:  # a pipe that another process has made non-blocking
            select.select([], [file], [])


def show_lines(logger: str, stream: TextIO) -> None:
    """Write what this logger logs there line by line from here on, and nowhere else."""
    shown = logging.getLogger(logger)
    shown.propagate = False
    shown.addHandler(ConsoleLines(stream, on_drop=_complain))


def show_problems(stream: TextIO) -> None:
    """Write what all other loggers log there, each with time, level and logger."""
    lines = ConsoleLines(stream, lost="{} messages were dropped, for nobody read them".format)
    lines.setFormatter(LineFormat("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(lines)


def _complain() -> None:
    logging.getLogger(__name__).warning(
        "the standard output is not read: lines of the log are dropped until it is"
    )


def console_lines(logger: str) -> ConsoleLines | None:
    """The handler through which this logger is shown on the console, if it is."""
    for handler in logging.getLogger(logger).handlers:
        if isinstance(handler, ConsoleLines):
            return handler
    return None
