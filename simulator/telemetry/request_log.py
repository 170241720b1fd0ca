"""The log of requests: which facts its line has of each."""

import datetime
import logging
from collections.abc import Callable

from simulator.operations.unknown import Unknown
from simulator.telemetry.logs import REQUESTS
from simulator.telemetry.observation import Completion, Observation
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
        now: Callable[[], float],
        write: Callable[[str], None] | None = None,
        form: Callable[[RequestLine], str] = json_line,
    ) -> None:
        self._now = now
        self._logger = logging.getLogger(REQUESTS)
        self._write = write or self._log
        self._form = form

    @property
    def enabled(self) -> bool:
        return self._logger.isEnabledFor(logging.INFO)

    def record(self, seen: Observation, course: Completion) -> None:
        deployment, usage, refusal = seen.served_by, seen.usage, seen.refusal
        line = RequestLine(
            datetime.datetime.fromtimestamp(self._now(), datetime.UTC),
            seen.operation,
            (seen.deployment or "")[:_LONGEST] or None,
            deployment and deployment.model.wire_name,
            seen.request.path[:_LONGEST] if seen.operation == Unknown.name else None,
            seen.answer.status,
            refusal and type(refusal).__name__,
            seen.reason or None,
            usage and usage.prompt,
            usage and usage.completion,
            round(course.seconds, 4),
            course.first_token and round(course.first_token, 4),
            seen.recording,
            course.cut,
            seen.request_id,
            seen.caller or None,
        )
        self._write(self._form(line))

    def _log(self, line: str) -> None:
        self._logger.info("%s", line)
