"""Errors of Azure AI Inference, the API below `/models` (reported by users)."""

from collections.abc import Sequence

import msgspec

from simulator.errors.base import ApiError, body_with_details
from simulator.errors.gateway import DeploymentNotFound
from simulator.errors.requests import InvalidRequest
from simulator.messages import Answer

_MOST_NAMES, _LONGEST_NAME = 32, 256


class UnknownDeployment(DeploymentNotFound):
    """No deployment has the name of the model that the request asks for."""

    status = 400
    code = "unknown_model"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.message = f"Unknown model: {name[:_LONGEST_NAME]}"

    def body(self) -> bytes:
        return body_with_details(self.code, self.message)

    def answer(self) -> Answer:
        return Answer.plain(self.body(), status=self.status)


class NoModelNamed(ApiError):
    """Neither the body nor the header names a model."""

    status = 400
    code = "no_model_name"

    def __init__(self) -> None:
        super().__init__(
            "No model specified in request. Please provide a model name in the request body or as a "
            "x-ms-model-mesh-model-name header."
        )

    def body(self) -> bytes:
        return body_with_details(self.code, self.message)


class RefusedByMaker(InvalidRequest):
    """The server of another maker's model does not take the request (published 2026-08 and 2026-09)."""

    def body(self) -> bytes:
        return body_with_details(self.code or "invalid_request", self.message)


class _Detailed(ApiError):
    status = 400

    def body(self) -> bytes:
        return msgspec.json.encode({"detail": self.message})


class ExtraParameters(_Detailed):
    """Parameters that the API does not have, which the request does not want passed on."""

    def __init__(self, names: Sequence[str]) -> None:
        shown = [name[:_LONGEST_NAME] for name in names[:_MOST_NAMES]]
        super().__init__(
            f"Extra parameters {shown} are not allowed when extra-parameters is not set or set to be "
            "'error'. Set extra-parameters to 'pass-through' to pass to the model."
        )


class UnexpectedOption(_Detailed):
    """A value of the header `extra-parameters` that there is not."""

    def __init__(self, option: str) -> None:
        super().__init__(
            f"Unexpected EXTRA_PARAMETERS option {option[:_LONGEST_NAME]}, expected options are "
            "['error', 'drop', 'pass-through']"
        )
