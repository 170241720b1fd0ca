"""The headers that the real service puts on its answers, in their newest era (2026-06)."""

import random
from collections.abc import Mapping

from simulator.catalogue.deployments import Deployment
from simulator.messages import NO_HEADERS, Answer
from simulator.wire import ids

_GATEWAY = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
}
_MODEL = {
    **_GATEWAY,
    "skip-error-remapping": "true",
    "x-accel-buffering": "no",
    "x-ms-rai-invoked": "true",
}

INSTANCE_HEADER = "x-simulator-instance"
"""The name of the instance that answered, as a hint for whoever tests."""


class AnswerHeaders:
    """Makes them for a region, unless another one answers; `rng` draws the request ids. A name of this
    `instance` is shown.
    """

    def __init__(self, region: str, rng: random.Random, instance: str = "") -> None:
        self._region = region
        self._own = {INSTANCE_HEADER: instance} if instance else NO_HEADERS
        self._rng = rng

    def request_id(self) -> str:
        return ids.request(self._rng)

    def of_answer(
        self, request_id: str, answer: Answer, limits: Mapping[str, str], region: str = ""
    ) -> dict[str, str]:
        """All headers of an answer: the gateway's, the limits', and above them its own. A 401 has
        its id alone (recorded 2026-03)."""
        headers = {"apim-request-id": request_id}
        if answer.status != 401:
            headers |= _GATEWAY
            headers["x-ms-region"] = region or self._region
        headers |= self._own
        headers |= limits
        headers |= answer.headers
        if answer.content_type is not None:
            headers["content-type"] = answer.content_type
        return headers

    def of_model(self, deployment: Deployment, *, streamed: bool) -> Mapping[str, str]:
        """The headers that the model's side adds (recorded 2026-06)."""
        return {
            **_MODEL,
            "azureai-fe-is-streaming": "True" if streamed else "False",
            "azureml-model-session": "d20260526124601-421ae15f",
            "x-ms-deployment-name": deployment.name,
            "x-ms-served-model": deployment.model.wire_name,
            "x-request-id": self.request_id(),
        }
