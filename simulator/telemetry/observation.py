"""The facts of a request: those known so far, which telemetry reports in the end, and its completion."""

from typing import Any

from msgspec import Struct

from simulator.authentication.caller import NOBODY, Caller
from simulator.catalogue.deployments import Deployment
from simulator.errors import ApiError, RateLimited, UnknownResource
from simulator.limits.admission import Admission
from simulator.messages import RECORDING_HEADER, Answer, Request, Usage
from simulator.operations.base import Call, Cost, Operation
from simulator.operations.routes import Match
from simulator.telemetry.sent_tokens import STREAMS_OF_TEXT

UNANSWERED = Answer.plain(b"", status=499)
"""The answer to a client that did not wait for one: the status that proxies report."""


class Observation(Struct):
    """A request and what is known of it so far; in the end its answer, which has not left yet.

    `arrived` and `ready` (the answer was made, its latency not yet waited for) are the clock's seconds.
    """

    request: Request
    request_id: str
    match: Match[Operation[Any]]
    arrived: float
    caller: Caller = NOBODY
    call: Call[Any] | None = None
    """The call; None if the request was refused before it was understood, as are the next two."""
    admission: Admission | None = None
    refusal: ApiError | None = None
    answer: Answer = UNANSWERED
    ready: float = 0.0
    reason: str = ""
    """The reason of a refusal in plain words."""
    sent: Usage | None = None
    """The tokens that have left, of an answer that a client did not read to its end; all of one that it
    did not wait for, since they are charged."""
    named: str = ""
    """The deployment that a refused request names in its body, if that could be read."""
    own: bool = False
    """An operation of the simulator sends it, such as a line of a batch; the limits do not count it, and
    nothing is waited for."""

    @property
    def operation(self) -> str:
        return self.match.target.name

    @property
    def resource(self) -> str | None:
        """The resource of the fleet that answered; None without one, for a name that it has not, and
        for the simulator's own routes."""
        if self.match.target.local or isinstance(self.refusal, UnknownResource):
            return None
        return self.request.resource or None

    @property
    def served_by(self) -> Deployment | None:
        """The deployment that answers, which is another one if the request spilled over."""
        if self.admission is not None:
            return self.admission.deployment
        return None if self.call is None else self.call.deployment

    @property
    def deployment(self) -> str | None:
        """Its name; of a request that was refused, the one in the path or in the body."""
        served_by = self.served_by
        if served_by is not None:
            return served_by.name
        return self.match.parameters.get("deployment") or self.named or None

    @property
    def usage(self) -> Usage | None:
        """Complete when the answer has left."""
        if self.sent is not None:
            return self.sent
        answer = self.answer
        return answer.usage if answer.ending is None else answer.ending.usage or answer.usage

    @property
    def recording(self) -> str | None:
        """hit, stored, missed or failed; complete when the answer has left."""
        answer = self.answer
        if answer.ending is not None and answer.ending.recording:
            return answer.ending.recording
        return answer.headers.get(RECORDING_HEADER)

    @property
    def filter(self) -> str | None:
        """The findings for which the content filter cut the answer; complete when it has left."""
        ending = self.answer.ending
        return (ending.filter if ending else None) or self.answer.filter

    @property
    def upstream_fault(self) -> str | None:
        """The fault of a stream of the upstream, `broken` or `error`; complete when it has left."""
        ending = self.answer.ending
        if ending is None or self.match.target.name not in STREAMS_OF_TEXT:
            return None
        return ending.fault

    @property
    def succeeded(self) -> bool:
        return self.answer.status < 300

    @property
    def limit(self) -> str | None:
        """Return the limit that refused the request, `requests` or `tokens`."""
        if not isinstance(self.refusal, RateLimited):
            return None
        return self.refusal.headers.get("x-ratelimit-type", "tokens").lower()

    def cost(self) -> Cost | None:
        """The cost of the request, as far as the simulator has understood it."""
        return None if self.call is None else self.call.operation.cost(self.call)


class Completion(Struct, frozen=True):
    """The completion of an answer, in seconds since the request arrived."""

    seconds: float
    """Until its last byte."""
    first_token: float | None
    """Until the first piece of a stream."""
    cut: bool = False
    """It did not leave whole: the client hung up, or the upstream."""
    body: bytes = b""
    """The bytes of it that have left, as far as the journal keeps them."""
