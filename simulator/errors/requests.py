"""Errors of the checks behind the gateway: what a request may not say, and what broke inside."""

from collections.abc import Iterable

import msgspec

from simulator.errors.base import ApiError, cut
from simulator.json_layout import indented

CONTEXT_LENGTH = "context_length_exceeded"
"""The code of a prompt, or of a prompt and an answer, that a deployment has no room for."""


class InvalidRequest(ApiError):
    """Refused by the model's own checks: `{"error": {"message", "type", "param", "code"}}`, its 400s
    and 404s indented (recorded 2024-11 and 2025-08)."""

    status = 400
    type = "invalid_request_error"

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param and cut(param)
        self.code = code

    def body(self) -> bytes:
        error = {
            "message": self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
        }
        whole = {"error": error}
        return indented(whole) if self.status in (400, 404) else msgspec.json.encode(whole)


class MalformedJson(InvalidRequest):
    """A body that is no JSON object; `why` is for the hint and the journal."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
            "using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was "
            "sent was not valid JSON. If you have trouble figuring out how to fix this, please "
            "contact us through our help center at help.openai.com.)"
        )
        self.why = why


def missing_parameter(name: str) -> InvalidRequest:
    """Return the refusal of a request that lacks a parameter; `name` is its place in the body."""
    return InvalidRequest(
        f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
    )


class UnknownArguments(InvalidRequest):
    """Parameters that the operation, or the api-version, does not know: all of them at once."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        plural = "s" if len(self.names) > 1 else ""
        super().__init__(f"Unrecognized request argument{plural} supplied: {', '.join(self.names)}")


class ItemNotFound(InvalidRequest):
    """No item is stored under the id that the client names."""

    status = 404


class StateConflict(InvalidRequest):
    """Something stored is in a state in which this cannot be done to it (seen by clients of OpenAI's API)."""

    status = 409


class ModelNotFound(InvalidRequest):
    """The model is not in the catalogue (the body is that of OpenAI's API)."""

    status = 404

    def __init__(self, model: str) -> None:
        super().__init__(
            f"The model '{model}' does not exist", param="model", code="model_not_found"
        )


class RequestTooLarge(InvalidRequest):
    """A file over the limit (reported by users)."""

    status = 413
    type = "server_error"


class BodyTooLarge(InvalidRequest):
    """A body over the bound of the Functions host, or over the one that is set."""

    status = 413

    def __init__(self, bound: int) -> None:
        super().__init__(f"The body is larger than {bound / 2**20:g} MB.")


class ServerError(InvalidRequest):
    """Something broke inside; `request_id` is what the client may quote (reported by users)."""

    status = 500
    type = "server_error"

    def __init__(self, request_id: str) -> None:
        super().__init__(
            "The server had an error while processing your request. Sorry about that! You can "
            "retry your request, or contact us through an Azure support request at: "
            "https://go.microsoft.com/fwlink/?linkid=2213926 if the error persists. "
            f"(Please include the request ID {request_id} in your message.)"
        )
