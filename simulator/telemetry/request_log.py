"""The log of requests: which facts its line has of each."""

import datetime
import logging
from collections.abc import Callable

from simulator.journal.entry import Entry
from simulator.telemetry.logs import REQUESTS
from simulator.telemetry.request_line import RequestLine, json_line

# A name or a path is the client's to choose, and may be of any length.
_LONGEST = 64


class RequestLog:
    """Writes one line for each request; nothing that clients send but names stands in it.

    `write` takes the lines of the logger's level and above; by default they go where all logs go.
    `form` says how a line is written.
    """

    def __init__(
        self,
        write: Callable[[str], None] | None = None,
        form: Callable[[RequestLine], str] = json_line,
    ) -> None:
        self._logger = logging.getLogger(REQUESTS)
        self._write = write or self._log
        self._form = form

    @property
    def enabled(self) -> bool:
        return self._logger.isEnabledFor(logging.INFO)

    def record(self, entry: Entry, path: str | None = None) -> None:
        """Write the line of a request; `path` is that of one which no operation is for."""
        first = entry.first_token_ms
        line = RequestLine(
            datetime.datetime.fromtimestamp(entry.time + entry.duration_ms / 1000, datetime.UTC),
            entry.operation,
            entry.deployment,
            entry.served_as,
            path and path[:_LONGEST],
            entry.status,
            entry.error,
            entry.reason if entry.error else None,
            entry.prompt_tokens,
            entry.completion_tokens,
            round(entry.duration_ms / 1000, 4),
            None if first is None else round(first / 1000, 4),
            entry.recording,
            entry.cut,
            entry.id,
            entry.key,
            entry.resource,
        )
        self._write(self._form(line))

    def _log(self, line: str) -> None:
        self._logger.info("%s", line)
