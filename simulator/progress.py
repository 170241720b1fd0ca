"""The progress of a request: what is known of it so far, and what is observed in the end."""

from dataclasses import dataclass

from simulator.authentication.caller import NOBODY, Caller
from simulator.errors import ApiError
from simulator.limits.admission import Admission
from simulator.messages import Answer, Request
from simulator.operations.base import AnyCall, AnyOperation
from simulator.operations.routes import Match
from simulator.telemetry.observation import Observation


@dataclass(slots=True)
class Progress:
    """The known facts of a request so far, however it ends."""

    request: Request
    request_id: str
    match: Match[AnyOperation]
    arrived: float
    caller: Caller = NOBODY
    call: AnyCall | None = None
    admission: Admission | None = None
    named: str = ""
    """The deployment that a refused request names in its body."""
    own: bool = False
    """An operation of the simulator sends it; the limits do not count it, and nothing is waited for."""

    def observation(
        self, answer: Answer, ready: float, refusal: ApiError | None = None, reason: str = ""
    ) -> Observation:
        return Observation(
            self.request,
            self.request_id,
            self.match,
            self.call,
            self.admission,
            refusal,
            answer,
            self.arrived,
            ready,
            reason,
            caller=self.caller.name,
            named=self.named,
            own=self.own,
        )
