"""The headers that the real service puts on its answers, in their newest era (2026-06)."""

import random
from collections.abc import Mapping

from simulator import ids
from simulator.deployments import Deployment

_GATEWAY = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
}
_MODEL = {
    **_GATEWAY,
    "skip-error-remapping": "true",
    "x-accel-buffering": "no",
    "x-ms-is-spilled-over": "false",
    "x-ms-rai-invoked": "true",
    "x-ratelimit-abusepenalty-active": "False",
}


class AnswerHeaders:
    """Makes them for one region; `rng` draws the request ids."""

    def __init__(self, region: str, rng: random.Random) -> None:
        self._region = region
        self._rng = rng

    def request_id(self) -> str:
        return ids.request(self._rng)

    def of_gateway(self, request_id: str, status: int) -> dict[str, str]:
        """Those of an answer that no model gave. A 401 has its id alone (recorded 2026-03)."""
        if status == 401:
            return {"apim-request-id": request_id}
        return {**_GATEWAY, "apim-request-id": request_id, "x-ms-region": self._region}

    def of_model(self, deployment: Deployment, *, streamed: bool) -> Mapping[str, str]:
        """Those that the model's side adds (recorded 2026-06)."""
        return {
            **_MODEL,
            "azureai-fe-is-streaming": "True" if streamed else "False",
            "azureml-model-session": "d20260526124601-421ae15f",
            "x-ms-deployment-name": deployment.name,
            "x-ms-served-model": deployment.model.wire_name,
            "x-ratelimit-key": deployment.name,
            "x-request-id": self.request_id(),
        }
