"""Resolution: from a request and its route to the call of an operation."""

import contextlib
from typing import Any

from msgspec import structs

from simulator.active_configuration import Snapshot
from simulator.authentication.caller import Caller
from simulator.catalogue.api_versions import check_version
from simulator.catalogue.deployments import Deployment, Deployments
from simulator.catalogue.models import Capability, Model
from simulator.errors import (
    CONTEXT_LENGTH,
    ApiError,
    ApiNotSupported,
    DeploymentNotFound,
    InvalidRequest,
    OperationNotSupported,
    OperationUnsupported,
    UnknownDeployment,
)
from simulator.limits.headers import spillover_headers
from simulator.messages import Request
from simulator.operations.base import AnyCall, AnyOperation, Call, Target
from simulator.operations.routes import Match
from simulator.wire.body_values import check_values
from simulator.wire.inference import is_inference
from simulator.wire.passed_headers import is_passed

_SPILLOVER = "x-ms-spillover-deployment"
_TERSE: frozenset[Capability] = frozenset({"chatCompletion", "responses"})
"""The operations whose refusal of a model names neither."""


def resolve(
    request: Request,
    match: Match[AnyOperation],
    in_force: Snapshot,
    caller: Caller,
    *,
    strict: bool,
    batched: bool = False,
) -> AnyCall:
    """Return the call of a request; a line of a batch is `batched`. Where nothing is checked, a bad one
    passes. The time that this takes grows with the body."""
    operation, version = match.target, request.query.get("api-version", "")
    check_values(request)
    deployment = parameters = refusal = spillover = overlong = None
    try:
        deployments = in_force.deployments
        if strict:
            _check_version(request, match, version, deployments)
        deployment = deployment_of(request, match, deployments)
        if deployment is not None:
            if strict:
                _check_served(operation, deployment, in_force, batched=batched)
            spillover = _spillover(request, deployment, deployments, caller)
        target = Target(request, match.parameters, version, deployment)
        parameters, overlong = _parsed(operation, target, spillover)
    except ApiError as error:
        if strict:
            raise
        refusal = error
    return Call(
        request,
        match.parameters,
        version,
        deployment,
        operation,
        parameters,
        refusal,
        in_force.latency,
        in_force.shape,
        spillover,
        overlong=overlong,
        caller=caller,
        passed=is_passed(request, deployment),
    )


def deployment_of(
    request: Request, match: Match[AnyOperation], deployments: Deployments
) -> Deployment | None:
    operation = match.target
    if operation.capability is None and not operation.uncounted:
        return None
    name = operation.deployment_name(request, match.parameters)
    deployment = deployments.get(name) if name else None
    if deployment is None:
        raise UnknownDeployment(name or "") if is_inference(request) else DeploymentNotFound
    if operation.capability is None:
        return deployment
    if operation.capability not in deployment.model.capabilities:
        raise _unsupported(operation.capability, deployment.model)
    return deployment


def _check_version(
    request: Request, match: Match[AnyOperation], version: str, deployments: Deployments
) -> None:
    """Refuse an api-version that is not known, or that the model's API has no use for."""
    unversioned = False
    if version and match.template.startswith("openai/v1"):
        with contextlib.suppress(ApiError):
            deployment = deployment_of(request, match, deployments)
            unversioned = deployment is not None and deployment.model.unversioned
    check_version(match.template, version, unversioned=unversioned)


def _unsupported(capability: Capability, model: Model) -> ApiError:
    if (capability == "messages") != ("messages" in model.capabilities):
        return ApiNotSupported()
    refusal = OperationUnsupported if capability in _TERSE else OperationNotSupported
    return refusal(capability, model.name)


def _check_served(
    operation: AnyOperation, deployment: Deployment, in_force: Snapshot, *, batched: bool
) -> None:
    """Refuse a request to a retired model, and a live one to a deployment for batches (the words are our
    choice)."""
    in_force.retirement.check(deployment)
    if deployment.batched and not batched and operation.capability is not None:
        raise OperationNotSupported(operation.capability, deployment.model.name)


def _spillover(
    request: Request, deployment: Deployment, deployments: Deployments, caller: Caller
) -> Deployment | None:
    """The deployment that takes over, unless the caller asks for one that its key is not for."""
    if not deployment.provisioned:
        return None
    named = request.headers.get(_SPILLOVER, "")
    return deployments.spillover(deployment, named if caller.may_call(named) else "")


def _parsed(
    operation: AnyOperation, target: Target, spillover: Deployment | None
) -> tuple[Any, ApiError | None]:
    """The parameters of the call. A prompt for which a provisioned deployment has no room is one of the
    deployment that takes over, and comes with the refusal.
    """
    try:
        return operation.parse(target), None
    except InvalidRequest as error:
        if spillover is None or error.code != CONTEXT_LENGTH:
            raise
        spilled, overlong = structs.replace(target, deployment=spillover), error
    try:
        return operation.parse(spilled), overlong
    except ApiError as error:
        origin = target.deployment.name if target.deployment else ""
        added = spillover_headers(origin, spillover.name, overlong.status)
        error.headers = {**error.headers, **added}
        raise
