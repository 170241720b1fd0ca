"""The headers that the real service puts on its answers, in their newest era (2026-08)."""

import functools
import random
import re
from collections.abc import Mapping

from simulator.catalogue.deployments import Deployment
from simulator.headers import NOTHING_SHARED, Headers, SharedHeaders, as_headers, joined
from simulator.messages import NO_HEADERS, SERVED_MODEL, Answer, Request
from simulator.wire import ids
from simulator.wire.passed_headers import passed_headers

_GATEWAY = {
    "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
}
_SESSION = {"azureml-model-session": "d20260526124601-421ae15f"}
_CLIENT_ID = "x-ms-client-request-id"
_ECHOED = re.compile("[\x20-\x7e]{1,1024}")
"""The client's ids that are sent back: a header must not grow without a bound."""


_RESPONSES = frozenset({"responses", "responses_compact", "responses_input_tokens"})
"""The operations of the Responses API (the last two by analogy)."""


_UNFILTERED = frozenset({"audio_transcriptions", "audio_translations", "embeddings"})


@functools.cache
def _fixed(operation: str) -> dict[str, str]:
    """The fixed headers of an operation: chat (recorded 2026-06 and 2026-08), Responses (2026-03 to
    2026-08), transcriptions (2024-08 to 2024-12), embeddings (2024-02), and as in chat what no recording
    shows. Claude is not Azure's own."""
    headers = {**_GATEWAY, "skip-error-remapping": "true"}
    if operation in _RESPONSES:
        return {**headers, "x-ms-aoai-configured-data-retention-days": "30"}
    if operation == "messages":
        return _GATEWAY
    if operation not in _UNFILTERED:
        headers |= {"x-accel-buffering": "no", "x-ms-rai-invoked": "true"}
    return {**headers, **_SESSION}


_OFFERED = _RESPONSES | {"chat_completions"}
"""The operations whose answers were seen to name the offer, and those by analogy."""


@functools.lru_cache(maxsize=1024)
def _of_model(
    model: str,
    deployment: str,
    operation: str,
    streamed: bool,
    provisioned: bool,
) -> SharedHeaders:
    """The headers of the model's side, which are the same for each answer but for its id."""
    headers = {
        **_fixed(operation),
        "azureai-fe-is-streaming": "True" if streamed else "False",
        SERVED_MODEL: model,
    }
    if operation not in _RESPONSES:
        headers["x-ms-deployment-name"] = deployment
    if operation in _OFFERED and not provisioned:
        headers["azureai-fe-offer-type"] = "paygo"
    return SharedHeaders(headers)


INSTANCE_HEADER = "x-simulator-instance"
"""The name of the instance that answered, as a hint for whoever tests."""


@functools.lru_cache(maxsize=1024)
def _of_gateway(region: str | None) -> SharedHeaders:
    """The answer to an unknown path has no region (recorded 2026-01)."""
    return SharedHeaders(_GATEWAY if region is None else {**_GATEWAY, "x-ms-region": region})


@functools.lru_cache(maxsize=256)
def _of_type(content_type: str | None) -> SharedHeaders:
    return NOTHING_SHARED if content_type is None else SharedHeaders({"content-type": content_type})


class AnswerHeaders:
    """Makes them for a region, unless another one answers; `rng` draws the request ids. A name of this
    `instance` is shown.
    """

    def __init__(self, region: str, rng: random.Random, instance: str = "") -> None:
        self._region = region
        self._instance = SharedHeaders({INSTANCE_HEADER: instance} if instance else {})
        self.request_id = ids.RequestIds(rng).next

    def of_answer(
        self, request_id: str, answer: Answer, limits: Mapping[str, str], region: str | None = ""
    ) -> Headers:
        """All headers of an answer: the gateway's, the limits', and above them its own. A 401 has
        its id alone (recorded 2026-03)."""
        limited, added = as_headers(limits), as_headers(answer.headers)
        own, later = {"apim-request-id": request_id, **limited.own}, added.shared.values
        if not own.keys().isdisjoint(later.keys()):
            own = {name: value for name, value in own.items() if name not in later}
        own |= added.own
        if "content-type" in own and answer.content_type is not None:
            del own["content-type"]
        if answer.status == 401:
            gateway = NOTHING_SHARED
        else:
            gateway = _of_gateway(self._region if region == "" else region)
        kind = _of_type(answer.content_type)
        return Headers(joined(self._instance, gateway, limited.shared, added.shared, kind), own)

    def of_model(self, deployment: Deployment, *, streamed: bool, operation: str) -> Headers:
        """The headers that the model's side adds."""
        model, name = deployment.model.wire_name, deployment.name
        shared = _of_model(model, name, operation, streamed, deployment.provisioned)
        return Headers(shared, {"x-request-id": self.request_id()})

    def of_passed(
        self, deployment: Deployment, *, streamed: bool, operation: str
    ) -> Mapping[str, str]:
        """The headers of the model's side on what Foundry passes on."""
        trace = (self.request_id() + self.request_id()).replace("-", "")
        return passed_headers(deployment, streamed=streamed, operation=operation, trace=trace)

    def of_model_error(self, status: int) -> Mapping[str, str]:
        """The headers of an error of the model's side (recorded 2023-12 to 2025-08)."""
        return {
            **_SESSION,
            "ms-azureml-model-error-reason": "model_error",
            "ms-azureml-model-error-statuscode": str(status),
            "x-request-id": self.request_id(),
        }


def client_id(request: Request) -> Mapping[str, str]:
    """The client's own id of a POST, which every answer repeats (recorded 2024-03 to 2026-04)."""
    given = request.headers.get(_CLIENT_ID)
    if given is None or request.method != "POST" or not _ECHOED.fullmatch(given):
        return NO_HEADERS
    return {_CLIENT_ID: given}
