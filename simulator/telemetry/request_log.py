"""The log of requests: which facts its line has of each."""

import datetime
import logging
from collections.abc import Callable, Sequence

from simulator.journal.entry import Entry
from simulator.telemetry.logs import REQUESTS
from simulator.telemetry.request_line import RequestLine, json_line

# A name or a path is the client's to choose, and may be of any length.
_LONGEST = 64
_moment, _UTC = datetime.datetime.fromtimestamp, datetime.UTC


class RequestLog:
    """Makes one line for each request; nothing that clients send but names stands in it.

    `form` says how a line is written. `write` takes lines; by default they go where all logs go.
    """

    def __init__(
        self,
        write: Callable[[Sequence[str]], None] | None = None,
        form: Callable[[RequestLine], str] = json_line,
    ) -> None:
        self._logger = logging.getLogger(REQUESTS)
        self.write = write or self._log
        self._form = form

    @property
    def enabled(self) -> bool:
        return self._logger.isEnabledFor(logging.INFO)

    def line(self, entry: Entry, path: str = "") -> str:
        """Return the line of a request; `path` is that of one which no operation is for."""
        group, usage = entry.group, entry.usage
        outcome, first = entry.outcome, entry.first_token
        line = RequestLine(
            _moment(entry.time + entry.seconds, _UTC),
            entry.operation,
            group.deployment,
            entry.served_as,
            path[:_LONGEST],
            group.status,
            outcome.error,
            outcome.reason if outcome.error else None,
            usage.prompt if usage else None,
            usage.completion if usage else None,
            round(entry.seconds, 4),
            None if first is None else round(first, 4),
            entry.recording,
            outcome.cut,
            entry.id,
            group.key,
            group.resource,
        )
        return self._form(line)

    def _log(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._logger.info("%s", line)
