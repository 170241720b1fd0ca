"""The writer of log lines: a thread, so that nobody who logs waits for who reads."""

import threading
from collections.abc import Callable
from typing import Protocol

PAUSE = 0.1
"""Seconds for which lines wait for others to be written with."""
MOST = 4 * 2**20
"""Characters that wait at most; lines beyond are dropped."""
_PATIENCE = 2.0
"""Seconds that `flush` waits: a pipe that nobody reads must not hold the end of the process."""


class Sink(Protocol):
    """A place that text is written to, which may take as long as it likes, or raise OSError."""

    def __call__(self, text: str, /) -> object: ...


class LineWriter:
    """Writes lines in their order, those of a tenth of a second at once, on a thread of its own.

    Lines that wait are bounded: while nobody reads, more are dropped. `on_drop` is called when the
    first one is, and when the others can be written again, `lost` makes a line of their number.
    """

    def __init__(
        self,
        write: Sink,
        *,
        pause: float = PAUSE,
        most: int = MOST,
        lost: Callable[[int], str] = "{} lines were dropped".format,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        self._write = write
        self._pause = pause
        self._most = most
        self._lost = lost
        self._on_drop = on_drop
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._lines: list[str] = []
        self._size = 0
        self._dropped = 0
        self._complained = self._writing = self._hurried = self._gone = False
        self._thread: threading.Thread | None = None

    def add(self, *lines: str) -> None:
        """Take lines and return at once."""
        complain = False
        with self._lock:
            if self._gone:
                return
            none_waited = not self._lines
            for line in lines:
                size = self._size + len(line)
                if size > self._most:
                    self._dropped += 1
                    complain, self._complained = complain or not self._complained, True
                else:
                    self._lines.append(line)
                    self._size = size
            if none_waited and self._lines:
                self._wake()
        if complain:
            self._on_drop()

    def flush(self, patience: float = _PATIENCE) -> None:
        """Wait until all lines are written, or for `patience` seconds."""
        with self._changed:
            self._hurried = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._lines and not self._writing, patience)
            self._hurried = False

    def _wake(self) -> None:
        if self._thread is None:
            # A daemon, for it may stand in a write that never ends.
            self._thread = threading.Thread(target=self._run, name="log", daemon=True)
            self._thread.start()
        else:
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._gone:
            lines = self._next()
            try:
                self._write("\n".join([*lines, ""]))
            except (OSError, ValueError):
                self._end()  # It is closed: nobody reads lines any more, and all else goes on.
            self._written(lines)

    def _next(self) -> list[str]:
        """Wait for lines, and for those that come shortly after."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines)
            self._changed.wait_for(lambda: self._hurried, self._pause)
            lines, self._lines = self._lines, []
            self._writing = True
            return lines

    def _written(self, lines: list[str]) -> None:
        with self._changed:
            self._writing = False
            self._size -= sum(map(len, lines))
            if self._dropped and not self._gone:
                self._lines.append(line := self._lost(self._dropped))
                self._size += len(line)
                self._dropped = 0
            self._changed.notify_all()

    def _end(self) -> None:
        with self._changed:
            self._gone = True
            self._lines.clear()
