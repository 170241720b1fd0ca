"""The headers of answers that Foundry passes on: those below `/models`, and Cohere's (recorded 2026-08)."""

from collections.abc import Mapping

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import Model
from simulator.messages import Request
from simulator.wire.inference import is_inference

_BY_MAKERS = {
    "cache-control": "no-cache",
    "azureai-requested-tier": "default",
    "azureai-processed-tier": "default",
    "azureai-fe-is-streaming": "False",
    "azureai-fe-offer-type": "paygo",
}
"""Recorded with a model of xAI, streams too; what it says to browsers is left to `CORS_ORIGINS`."""
_BY_COHERE = {
    "cache-control": "no-store, no-transform, must-revalidate, no-cache, max-age=0, private",
    "expires": "Thu, 01 Jan 1970 00:00:00 GMT",
    "pragma": "no-cache",
    "vary": "Origin",
}
"""Recorded with embeddings on the v1 route."""


def passed_headers(
    deployment: Deployment, *, streamed: bool, operation: str, trace: str
) -> dict[str, str]:
    """Return the headers of an answer below `/models`, which names neither deployment nor model, or of
    Cohere's embeddings; `trace` is the trace's and the span's id in hexadecimal digits."""
    if operation == "embeddings" and embedded_by_cohere(deployment.model):
        return _BY_COHERE.copy()
    if deployment.model.maker_shape:
        return {**_BY_MAKERS, "traceparent": f"00-{trace[:32]}-{trace[32:48]}-00"}
    headers = {
        "skip-error-remapping": "true",
        "azureai-fe-is-streaming": "True" if streamed else "False",
    }
    return headers if deployment.provisioned else {**headers, "azureai-fe-offer-type": "paygo"}


def is_passed(request: Request, deployment: Deployment | None) -> bool:
    """Return True if the answer to a request has those headers."""
    return is_inference(request) or (
        deployment is not None and embedded_by_cohere(deployment.model)
    )


def embedded_by_cohere(model: Model) -> bool:
    return model.maker == "Cohere" and "embeddings" in model.capabilities


def without_limits(limits: Mapping[str, str]) -> dict[str, str]:
    """Return the limits' headers that such an answer shows: none of a standard deployment's."""
    return {
        name: value
        for name, value in limits.items()
        if not name.startswith("x-ratelimit") and value != "false"
    }
