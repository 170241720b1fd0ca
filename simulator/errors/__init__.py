"""Errors that a client may see, each with its status and the real service's body.

ApiError
├── GatewayError                {"error": {"code", "message"}}: refused before a model saw it
│   ├── ResourceNotFound        404  unknown path, missing or unknown api-version
│   │   └── UnknownResource     404  the fleet has no such resource
│   ├── InvalidPayload          400  of the service that keeps files
│   ├── AccessDenied            401  wrong key
│   ├── Forbidden               403  a key that is not for this
│   ├── KeysDisabled            403  a key, where only tokens let in
│   ├── DeploymentNotFound      404
│   │   ├── UnknownDeployment   400  of Azure AI Inference
│   │   └── ProjectDeploymentNotFound  404  of a project of Foundry
│   ├── ModelMissing            400  a request on a v1 route that names no model
│   ├── OperationNotSupported   400  the deployment's model does not do this
│   │   └── OperationUnsupported 400  … chat and Responses since 2026-04
│   ├── ApiNotSupported         404  Claude has an API of its own
│   ├── VersionNotSupported     400  a feature newer than the api-version, a dated version on v1
│   ├── RateLimited             429  carries `retry_after`
│   │   ├── MakerRateLimited    429  of another maker's model
│   │   └── ThroughputExceeded  429  of a provisioned deployment
│   ├── RecordingNotFound       404  replay mode was never shown this request
│   ├── RecordingBroken         500  a recording that cannot be understood; the message names it
│   ├── UpstreamTimeout         408
│   ├── UpstreamUnavailable     502
│   └── Unavailable             503  not ready: no key configured, the limits' store unreachable
├── InvalidRequest              400  {"error": {"message", "type", "param", "code"}}
│   ├── MalformedJson           400  a body that is no JSON object; carries `why`
│   ├── UnknownArguments        400  parameters that nobody knows
│   ├── RefusedByMaker          400  {"error": {"code", "message", "details"}}, of another maker's model
│   ├── ItemNotFound            404  nothing is stored under the id
│   ├── StateConflict           409  what is stored is in a state that does not allow it
│   ├── ModelNotFound           404  no such model in the catalogue
│   ├── RequestTooLarge         413  a file over its limit
│   ├── BodyTooLarge            413  a body over the bound of all bodies
│   └── ServerError             500  something broke inside
├── TokenMissing                401  {"statusCode", "message"}: no token, or one that is not valid
├── NoModelNamed                400  {"error": {"code", "message", "details"}}, of Azure AI Inference
├── ExtraParameters             400  {"detail"}, of Azure AI Inference
├── UnexpectedOption            400  {"detail"}, of Azure AI Inference
└── AnthropicError              {"type": "error", "error": {"type", "message"}}, of Claude
"""

from simulator.errors.anthropic import AnthropicError, in_anthropics_shape
from simulator.errors.base import ApiError, ClientGone
from simulator.errors.gateway import (
    AccessDenied,
    ApiNotSupported,
    DeploymentNotFound,
    Forbidden,
    GatewayError,
    InvalidPayload,
    KeysDisabled,
    MakerRateLimited,
    ModelMissing,
    OperationNotSupported,
    OperationUnsupported,
    ProjectDeploymentNotFound,
    RateLimited,
    ResourceNotFound,
    ThroughputExceeded,
    TokenMissing,
    UnknownResource,
    VersionNotSupported,
)
from simulator.errors.inference import (
    ExtraParameters,
    NoModelNamed,
    RefusedByMaker,
    UnexpectedOption,
    UnknownDeployment,
)
from simulator.errors.requests import (
    CONTEXT_LENGTH,
    BodyTooLarge,
    InvalidRequest,
    ItemNotFound,
    MalformedJson,
    ModelNotFound,
    RequestTooLarge,
    ServerError,
    StateConflict,
    UnknownArguments,
    missing_parameter,
)
from simulator.errors.simulator import (
    RecordingBroken,
    RecordingNotFound,
    Unavailable,
    UpstreamTimeout,
    UpstreamUnavailable,
    unreadable_recordings,
)
from simulator.errors.start import StartError

__all__ = [
    "CONTEXT_LENGTH",
    "AccessDenied",
    "AnthropicError",
    "ApiError",
    "ApiNotSupported",
    "BodyTooLarge",
    "ClientGone",
    "DeploymentNotFound",
    "ExtraParameters",
    "Forbidden",
    "GatewayError",
    "InvalidPayload",
    "InvalidRequest",
    "ItemNotFound",
    "KeysDisabled",
    "MakerRateLimited",
    "MalformedJson",
    "ModelMissing",
    "ModelNotFound",
    "NoModelNamed",
    "OperationNotSupported",
    "OperationUnsupported",
    "ProjectDeploymentNotFound",
    "RateLimited",
    "RecordingBroken",
    "RecordingNotFound",
    "RefusedByMaker",
    "RequestTooLarge",
    "ResourceNotFound",
    "ServerError",
    "StartError",
    "StateConflict",
    "ThroughputExceeded",
    "TokenMissing",
    "Unavailable",
    "UnexpectedOption",
    "UnknownArguments",
    "UnknownDeployment",
    "UnknownResource",
    "UpstreamTimeout",
    "UpstreamUnavailable",
    "VersionNotSupported",
    "in_anthropics_shape",
    "missing_parameter",
    "unreadable_recordings",
]
