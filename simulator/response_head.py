"""The head of a response: its id and its headers, and the reason of a refusal."""

from collections.abc import Iterable, Mapping

from simulator.errors import ApiError, ResourceNotFound
from simulator.headers import Headers
from simulator.journal.reasons import Reasons
from simulator.messages import Request, Response
from simulator.telemetry.observation import Observation
from simulator.wire.answer_headers import AnswerHeaders, client_id
from simulator.wire.cross_origin import CrossOrigin
from simulator.wire.passed_headers import without_limits

HINT_HEADER = "x-simulator-hint"
"""The reason of a refusal, for the person in front of the client."""


class ResponseHead:
    """Makes it from the service's headers, those that browsers need, and the simulator's own."""

    def __init__(self, service: AnswerHeaders, cross_origin: CrossOrigin, reasons: Reasons) -> None:
        self._service = service
        self._cross_origin = cross_origin
        self._reasons = reasons
        self.request_id = service.request_id

    def preflight(self, request: Request) -> Response | None:
        """Return the answer to a browser's question whether it may send a request, if this is one."""
        return self._cross_origin.preflight(request)

    def headers(self, observation: Observation, limits: Mapping[str, str], region: str) -> Headers:
        """The headers of what was observed; `region` is "" for the one that a setting names."""
        shown = None if isinstance(observation.refusal, ResourceNotFound) else region
        if observation.call is not None and observation.call.passed:
            limits = without_limits(limits)
        headers = self._service.of_answer(observation.request_id, observation.answer, limits, shown)
        if named := client_id(observation.request):
            headers = headers | named
        if observation.reason and self._reasons.in_header:
            headers = headers | {HINT_HEADER: observation.reason}
        if read := self._cross_origin.headers(observation.request, headers):
            headers = headers | read
        return headers

    def of_model_error(self, status: int) -> Mapping[str, str]:
        """The headers that the model's side puts on its errors."""
        return self._service.of_model_error(status)

    def reason(
        self, refusal: ApiError, request: Request, deployment: str | None, known: Iterable[str]
    ) -> str:
        """The refusal in one line of plain words; `known` are the names of the deployments."""
        return self._reasons.of(refusal, request, deployment, known)
