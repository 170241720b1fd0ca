"""The line that the log has for each request."""

import datetime
import logging
from collections.abc import Callable

import msgspec

from simulator.operations.unknown import Unknown
from simulator.telemetry.logs import REQUESTS
from simulator.telemetry.observation import Completion, Observation

# A name or a path is the client's to choose, and may be of any length.
_LONGEST = 64

_encode = msgspec.json.Encoder().encode


class _Line(msgspec.Struct, omit_defaults=True):
    time: datetime.datetime
    operation: str
    deployment: str | None = None
    model: str | None = None
    path: str | None = None
    status: int = 0
    error: str | None = None
    reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = -1.0
    first_token_seconds: float | None = None
    recording: str | None = None
    cut: bool = False
    request_id: str = ""


class RequestLog:
    """Writes one line of JSON for each request; nothing that clients send but names stands in it.

    `write` takes the lines of the logger's level and above; by default they go where all logs go.
    """

    def __init__(
        self, now: Callable[[], float], write: Callable[[str], None] | None = None
    ) -> None:
        self._now = now
        self._logger = logging.getLogger(REQUESTS)
        self._write = write or self._log

    @property
    def enabled(self) -> bool:
        return self._logger.isEnabledFor(logging.INFO)

    def record(self, seen: Observation, course: Completion) -> None:
        deployment, usage, refusal = seen.served_by, seen.usage, seen.refusal
        line = _Line(
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
        )
        self._write(_encode(line).decode())

    def _log(self, line: str) -> None:
        self._logger.info("%s", line)
