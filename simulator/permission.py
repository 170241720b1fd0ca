"""Permission: what a caller's key lets it do."""

from typing import Any

from simulator.authentication.caller import Caller
from simulator.errors import ApiError, Forbidden
from simulator.messages import Request
from simulator.operations.base import Operation
from simulator.operations.routes import Match


def check_permission(caller: Caller, request: Request, match: Match[Operation[Any]]) -> None:
    """Raises `Forbidden` where the caller's role does not do this, or its key is not for the deployment.

    A request that names no deployment is refused too, where its operation needs one: what is forwarded
    without being understood would pass by.
    """
    operation = match.target
    if operation.anonymous:
        return
    if not operation.permits(caller.role):
        raise Forbidden(f"the key {caller.name!r} has the role {caller.role}")
    if caller.deployments is None or operation.local:
        return
    try:
        name = operation.deployment_name(request, match.parameters)
    except ApiError:
        name = None
    if name is None and operation.capability is None:
        return
    if name is None or not caller.may_call(name):
        raise Forbidden(f"the key {caller.name!r} is not for the deployment {name!r}")
