"""Errors of the gateway in front of the models: refused before a model saw the request."""

import math
from collections.abc import Mapping

import msgspec

from simulator.errors.base import ApiError, body_with_details
from simulator.json_layout import indented
from simulator.messages import NO_HEADERS, Answer

_LONGEST_NAME = 256


class GatewayError(ApiError):
    """Refused by the gateway in front of the models: `{"error": {"code", "message"}}`."""

    code = ""

    def __init__(
        self, message: str, *, code: str | None = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        super().__init__(message, headers=headers)
        self.code = code if code is not None else type(self).code

    def body(self) -> bytes:
        return msgspec.json.encode({"error": {"code": self.code, "message": self.message}})


class ResourceNotFound(GatewayError):
    """An unknown path, and a missing or unknown api-version too (reported by many users)."""

    status = 404
    code = "404"

    def __init__(self) -> None:
        super().__init__("Resource not found")

    def body(self) -> bytes:
        # The blank after "message": is the real service's own.
        return b'{"error":{"code":"404","message": "Resource not found"}}'


class UnknownResource(ResourceNotFound):
    """The request is addressed to no resource of the fleet; on Azure its host would have no address."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class InvalidPayload(GatewayError):
    """Refused by the service that keeps files, which answers for itself: an indented body without `type`
    and `param` (reported by users, 2024-02 to 2026-09)."""

    status = 400
    code = "invalidPayload"

    def body(self) -> bytes:
        return indented({"error": {"code": self.code, "message": self.message}})


class AccessDenied(GatewayError):
    """A wrong key (recorded 2026-03). `why` is for the hint and the journal."""

    status = 401
    code = "401"

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to "
            "provide a valid key for an active subscription and use a correct regional API "
            "endpoint for your resource."
        )


class TokenMissing(ApiError):
    """Neither a key nor a valid Entra token (reported by users): a body of another shape."""

    status = 401

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(
            "Unauthorized. Access token is missing, invalid, audience is incorrect "
            "(https://cognitiveservices.azure.com), or have expired."
        )

    def body(self) -> bytes:
        return msgspec.json.encode({"statusCode": 401, "message": self.message})


class Forbidden(GatewayError):
    """A key that may not do this; code and words are those that the service has for a principal
    without the right (reported by users). `why` is for the hint and the journal.
    """

    status = 403
    code = "PermissionDenied"

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__("Principal does not have access to API/Operation.")


class KeysDisabled(GatewayError):
    """A key is offered to a resource that takes tokens alone (reported by users)."""

    status = 403
    code = "AuthenticationTypeDisabled"

    def __init__(self) -> None:
        super().__init__("Key based authentication is disabled for this resource.")


class DeploymentNotFound(GatewayError):
    """No such deployment (recorded 2026-03: pretty-printed, chunked, without a content type)."""

    status = 404
    code = "DeploymentNotFound"

    def __init__(self) -> None:
        super().__init__(
            "The API deployment for this resource does not exist. If you created the deployment "
            "within the last 5 minutes, please wait a moment and try again."
        )

    def body(self) -> bytes:
        error = {"type": "invalid_request_error", "code": self.code, "message": self.message}
        return indented({"error": error})

    def answer(self) -> Answer:
        plain = Answer.plain(self.body(), status=self.status, content_type=None)
        return msgspec.structs.replace(plain, streamed=True)


class ProjectDeploymentNotFound(DeploymentNotFound):
    """A project has no such deployment; the body is documented, code and words are our choice."""

    code = "NotFound"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.message = f"Deployment '{name[:_LONGEST_NAME]}' not found."

    def body(self) -> bytes:
        return GatewayError.body(self)

    def answer(self) -> Answer:
        return GatewayError.answer(self)


class ModelMissing(GatewayError):
    """No `model` on a v1 route, or an empty one (recorded 2026-03 with Responses, without a content type;
    pasted by users with chat, 2026-05 to 2026-11)."""

    status = 400

    def __init__(self) -> None:
        super().__init__("Missed model deployment")

    def body(self) -> bytes:
        return indented({"error": {"message": self.message}})

    def answer(self) -> Answer:
        return Answer.plain(self.body(), status=self.status, content_type=None)


class OperationNotSupported(GatewayError):
    """`operation` is the service's own name for it: chatCompletion, completion, embeddings …"""

    status = 400
    code = "OperationNotSupported"

    def __init__(self, operation: str, model: str) -> None:
        super().__init__(
            f"The {operation} operation does not work with the specified model, {model}. Please "
            "choose different model and try again. You can learn more about which models can be "
            "used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993."
        )


class OperationUnsupported(OperationNotSupported):
    """Chat or Responses with a model that has not got it, since 2026-04: the message is all there is.

    Reported by users of Azure on both routes (2026-04 to 2026-11); its layout as pasted in 2026, without
    a content type by analogy with `ModelMissing`.
    """

    def __init__(self, operation: str, model: str) -> None:
        super().__init__(operation, model)
        self.message = "The requested operation is unsupported."

    def body(self) -> bytes:
        return indented({"error": {"message": self.message}})

    def answer(self) -> Answer:
        return Answer.plain(self.body(), status=self.status, content_type=None)


class ApiNotSupported(GatewayError):
    """The deployment's model is not served by this API: Claude by any but Anthropic's, and others by
    that (reported by users)."""

    status = 404
    code = "api_not_supported"

    def __init__(self) -> None:
        super().__init__("Requested API is currently not supported")

    def body(self) -> bytes:
        return body_with_details(self.code, self.message)


class VersionNotSupported(GatewayError):
    """A feature newer than the api-version, or a dated api-version on a v1 route."""

    status = 400
    code = "BadRequest"


class RateLimited(GatewayError):
    """A limit is used up; `retry_after` is the time in seconds until it is not.

    The body is the one of 2025 and later, or with `classic` the one before (both seen by users).
    """

    status = 429
    code = "RateLimitReached"
    limited = "this deployment"
    """Whose limit it is, for the hint and the journal."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float,
        code: str | None = None,
        classic: bool = False,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        waits = {
            "retry-after": str(max(1, math.ceil(retry_after))),
            "retry-after-ms": str(max(1, math.ceil(retry_after * 1000))),
        }
        super().__init__(message, code="429" if classic else code, headers={**headers, **waits})
        self.retry_after = retry_after
        self.classic = classic

    def body(self) -> bytes:
        if self.classic:
            return super().body()
        # The blank after "message": is the real service's own.
        code, message = msgspec.json.encode(self.code), msgspec.json.encode(self.message)
        return b'{"error":{"code":' + code + b',"message": ' + message + b"}}"


class MakerRateLimited(RateLimited):
    """A deployment of another maker's model has no quota left (recorded 2026-08 with one of xAI)."""

    def body(self) -> bytes:
        return body_with_details(self.code, self.message)


class ThroughputExceeded(RateLimited):
    """A provisioned deployment is full (its words: several public projects; the JSON is our guess)."""

    code = "rate_limit_reached"
    type = "too_many_requests"

    def __init__(self, *, retry_after: float, headers: Mapping[str, str] = NO_HEADERS) -> None:
        super().__init__(
            "Requests have exceeded the throughput limit on your Provisioned-Managed deployment. If "
            "you continue to exceed your limit, consider increasing the number of provisioned "
            "throughput units deployed.",
            retry_after=retry_after,
            headers=headers,
        )

    def body(self) -> bytes:
        error = {
            "message": self.message,
            "type": self.type,
            "param": None,
            "code": self.code,
        }
        return msgspec.json.encode({"error": error})
