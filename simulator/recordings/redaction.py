"""Redaction of exchanges by allow-lists, so that a secret nobody thought of is not stored."""

from collections.abc import Mapping

from msgspec import structs

from simulator.messages import NO_HEADERS, Request
from simulator.wire.query import without_secrets

REQUEST_HEADERS = frozenset({"accept", "content-type"})
RESPONSE_HEADERS = frozenset(
    {
        "azure-asyncoperation",
        "azureai-fe-is-streaming",
        "azureai-fe-offer-type",
        "azureml-model-session",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "csp-billing-usage",
        "location",
        "ms-azureml-model-error-reason",
        "ms-azureml-model-error-statuscode",
        "openai-model",
        "openai-processing-ms",
        "openai-version",
        "operation-location",
        "retry-after",
        "retry-after-ms",
        "skip-error-remapping",
        "x-accel-buffering",
        "x-ms-aoai-configured-data-retention-days",
        "x-ms-deployment-name",
        "x-ms-rai-invoked",
        "x-ms-region",
        "x-ms-served-model",
        "x-request-id",
    }
)


def redacted_request(request: Request, counted: Mapping[str, str] = NO_HEADERS) -> Request:
    """The request as it may be stored: its body whole, of headers and query what is harmless, and the
    headers that are `counted` for its key."""
    headers = {name: value for name, value in request.headers.items() if name in REQUEST_HEADERS}
    headers |= counted
    query = without_secrets(request.query_string)
    return structs.replace(request, headers=headers, query_string=query)


def redacted_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """A response's headers as they may be stored."""
    return {name: value for name, value in headers.items() if name in RESPONSE_HEADERS}
