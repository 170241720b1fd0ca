"""The simulator: the way of one request, from top to bottom."""

import logging
from typing import Any

from simulator.api_versions import check_version
from simulator.auth import Authenticator
from simulator.deployments import Deployment, Deployments
from simulator.errors import (
    ApiError,
    DeploymentNotFound,
    OperationNotSupported,
    ServerError,
)
from simulator.headers import AnswerHeaders
from simulator.latency import Clock, Pacer
from simulator.messages import Request, Response
from simulator.modes.base import Mode
from simulator.modes.generate import Generate
from simulator.operations.base import Call, Operation, Target, off_loop
from simulator.routes import Match, RouteTable

logger = logging.getLogger(__name__)

# The parameters of a call are the business of its operation alone; the pipeline passes them on.
AnyCall = Call[Any]
AnyOperation = Operation[Any]


class Simulator:
    """Answers requests. Built by `factory.create_simulator`, once per process."""

    def __init__(
        self,
        *,
        routes: RouteTable[AnyOperation],
        unknown: AnyOperation,
        authenticator: Authenticator,
        deployments: Deployments,
        local: Generate,
        mode: Mode,
        pacer: Pacer,
        headers: AnswerHeaders,
        clock: Clock,
    ) -> None:
        self._routes = routes
        self._unknown = Match(unknown, "{*path}", {})
        self._authenticator = authenticator
        self._deployments = deployments
        self._local = local
        self._mode = mode
        self._pacer = pacer
        self._headers = headers
        self._clock = clock

    async def __call__(self, request: Request) -> Response:
        arrived = self._clock()
        request_id = self._headers.request_id()
        try:
            match = self._routes.find(request.method, request.path) or self._unknown
            if not match.target.anonymous:
                self._authenticator.check(request.headers)
            mode = self._local if match.target.local else self._mode
            call = await self._resolve(request, match, strict=mode.strict)
            answer = await mode.answer(call)
        except ApiError as error:
            answer = error.answer()
        except Exception:
            logger.exception("request %s failed", request_id)
            answer = ServerError(request_id).answer()
        body = await self._pacer.pace(answer, arrived)
        headers = self._headers.of_gateway(request_id, answer.status)
        headers.update(answer.headers)
        if answer.content_type is not None:
            headers["content-type"] = answer.content_type
        return Response(answer.status, headers, body, streamed=answer.streamed)

    async def _resolve(
        self, request: Request, match: Match[AnyOperation], *, strict: bool
    ) -> AnyCall:
        """What the request asks for. Where the simulator is not to judge, a bad one passes."""
        operation, version = match.target, request.query.get("api-version", "")
        try:
            if strict:
                check_version(match.template, version)
            deployment = self._deployment(request, match)
            target = Target(request, match.parameters, version, deployment)
            parameters = await off_loop(len(request.body), lambda: operation.parse(target))
        except ApiError:
            if strict:
                raise
            deployment, parameters = None, None
        return Call(request, match.parameters, version, deployment, operation, parameters)

    def _deployment(self, request: Request, match: Match[AnyOperation]) -> Deployment | None:
        operation = match.target
        if operation.capability is None:
            return None
        name = operation.deployment_name(request, match.parameters)
        deployment = self._deployments.get(name) if name else None
        if deployment is None:
            raise DeploymentNotFound
        if operation.capability not in deployment.model.capabilities:
            raise OperationNotSupported(operation.capability, deployment.model.name)
        return deployment
