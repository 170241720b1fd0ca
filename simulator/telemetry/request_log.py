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

    def record(self, observation: Observation, completion: Completion) -> None:
        deployment, usage, refusal = observation.served_by, observation.usage, observation.refusal
        line = RequestLine(
            datetime.datetime.fromtimestamp(self._now(), datetime.UTC),
            observation.operation,
            (observation.deployment or "")[:_LONGEST] or None,
            deployment and deployment.model.wire_name,
            observation.request.path[:_LONGEST] if observation.operation == Unknown.name else None,
            observation.answer.status,
            refusal and type(refusal).__name__,
            observation.reason or None,
            usage and usage.prompt,
            usage and usage.completion,
            round(completion.seconds, 4),
            completion.first_token and round(completion.first_token, 4),
            observation.recording,
            completion.cut,
            observation.request_id,
            observation.caller or None,
            resource=observation.resource,
        )
        self._write(self._form(line))

    def _log(self, line: str) -> None:
        self._logger.info("%s", line)
