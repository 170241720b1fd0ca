"""Errors in the shape of Anthropic's API: `{"type": "error", "error": {"type", "message"}, "request_id"}`."""

from collections.abc import Mapping

import msgspec

from simulator.errors.base import ApiError
from simulator.errors.gateway import RateLimited
from simulator.errors.requests import InvalidRequest
from simulator.messages import NO_HEADERS

OVERLOADED = 529
# Anthropic's page on errors.
_TYPES = {
    400: "invalid_request_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    OVERLOADED: "overloaded_error",
}


class AnthropicError(ApiError):
    """An error of the model's side; `request_id` is the one that the header repeats."""

    def __init__(
        self,
        message: str,
        request_id: str,
        *,
        status: int = 400,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        super().__init__(message, headers={**headers, "request-id": request_id})
        self.status = status
        self._request_id = request_id

    def body(self) -> bytes:
        error = {"type": _TYPES[self.status], "message": self.message}
        return msgspec.json.encode(
            {"type": "error", "error": error, "request_id": self._request_id}
        )


def in_anthropics_shape(error: ApiError, request_id: str) -> ApiError:
    """The error as Anthropic words it; what Azure's gateway refuses before has Azure's body."""
    if isinstance(error, RateLimited):
        return AnthropicError(error.message, request_id, status=429, headers=error.headers)
    if not isinstance(error, InvalidRequest):
        return error
    if error.status == 503:
        return AnthropicError("Overloaded", request_id, status=OVERLOADED)
    if error.status == 500:
        return AnthropicError("Internal server error", request_id, status=500)
    status = error.status if error.status in _TYPES else 400
    return AnthropicError(error.message, request_id, status=status)
