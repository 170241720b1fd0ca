"""The console log: its level, its loggers and its format."""

import asyncio
import logging
from collections.abc import Callable
from typing import TextIO

REQUESTS = "simulator.requests"
"""The logger of the lines that there are for each request."""
# Seconds for which lines wait for others to be written with.
_PAUSE = 0.1


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
    """Writes bare lines, those of a tenth of a second at once: a write for each of them would cost a
    busy simulator more than all else that telemetry does."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: list[str] = []

    def add(self, line: str) -> None:
        """A line, past the records of `logging`, which take longer to make than the line."""
        self._lines.append(line)
        if len(self._lines) > 1:
            return
        try:
            asyncio.get_running_loop().call_later(_PAUSE, self.flush)
        except RuntimeError:  # no loop runs, as at the end of the process
            self.flush()

    def emit(self, record: logging.LogRecord) -> None:
        self.add(self.format(record))

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            self._stream.write("\n".join([*lines, ""]))
            self._stream.flush()
        except OSError:  # nobody reads them any more, and the simulator goes on
            return


def show_lines(logger: str, stream: TextIO) -> None:
    """From now on, what this logger logs goes there line by line, and nowhere else."""
    shown = logging.getLogger(logger)
    shown.propagate = False
    shown.addHandler(ConsoleLines(stream))


def line_writer(logger: str) -> Callable[[str], None] | None:
    """A function that writes lines of this logger directly, where they are shown; else None."""
    for handler in logging.getLogger(logger).handlers:
        if isinstance(handler, ConsoleLines):
            return handler.add
    return None
