"""The simulator: the steps of one request, from top to bottom."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import structs

from simulator.active_configuration import ActiveConfiguration, Snapshot
from simulator.authentication.authenticator import Authenticator
from simulator.authentication.caller import NOBODY, Caller
from simulator.catalogue.api_versions import check_version
from simulator.catalogue.deployments import Deployment, Deployments
from simulator.concurrency import Ending, off_loop
from simulator.decisions import Decisions, decided_answer, refuse
from simulator.errors import (
    CONTEXT_LENGTH,
    ApiError,
    ClientGone,
    DeploymentNotFound,
    InvalidRequest,
    OperationNotSupported,
    ResourceNotFound,
    ServerError,
)
from simulator.journal.reasons import Reasons
from simulator.latency import Clock
from simulator.limits.admission import Admission
from simulator.limits.headers import spillover_headers
from simulator.messages import NO_HEADERS, Answer, Request, Response, Usage
from simulator.metering import Metering
from simulator.modes.base import Mode
from simulator.operations.base import Call, Operation, Target
from simulator.operations.routes import Match, RouteTable
from simulator.pacing import Pacer
from simulator.permission import check_permission
from simulator.telemetry.observation import Observation
from simulator.telemetry.observer import Telemetry
from simulator.upkeep import Upkeep
from simulator.wire.answer_headers import AnswerHeaders, client_id
from simulator.wire.cross_origin import CrossOrigin

HINT_HEADER = "x-simulator-hint"
"""The reason of a refusal, for the person in front of the client."""

logger = logging.getLogger(__name__)

# The parameters of a call are the business of its operation alone; the pipeline passes them on.
AnyCall = Call[Any]
AnyOperation = Operation[Any]

BodyReader = Callable[[], Awaitable[bytes]]
_MOST_QUERY_MEMBERS = 256
# The status that proxies report for a client that did not wait.
_UNANSWERED = Answer.plain(b"", status=499)

_SPILLOVER = "x-ms-spillover-deployment"


class Simulator:
    """Answers requests. Built by `factory.create_simulator`, once per process."""

    def __init__(
        self,
        *,
        routes: RouteTable[AnyOperation],
        unknown: AnyOperation,
        authenticator: Authenticator,
        upkeep: Upkeep,
        active: ActiveConfiguration,
        metering: Metering,
        decisions: Decisions,
        local: Mode,
        pacer: Pacer,
        headers: AnswerHeaders,
        cross_origin: CrossOrigin,
        reasons: Reasons,
        telemetry: Telemetry,
        clock: Clock,
        closing: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._routes = routes
        self._unknown = Match(unknown, "{*path}", {})
        self._authenticator = authenticator
        self._upkeep = upkeep
        self._active = active
        self._metering = metering
        self._decisions = decisions
        self._local = local
        self._pacer = pacer
        self._headers = headers
        self._cross_origin = cross_origin
        self._reasons = reasons
        self._telemetry = telemetry
        self._clock = clock
        self._closing = closing

    def shed(self) -> None:
        """Count a request that the host refused before it came here."""
        self._telemetry.shed()

    async def close(self) -> None:
        """Lets go of connections. Nothing depends on it: what was acknowledged is stored by then."""
        for close in self._closing:
            await close()

    async def __call__(self, request: Request, read: BodyReader | None = None) -> Response:
        """Answer a request, whose body is read once its caller is let in."""
        if request.method == "OPTIONS" and (preflight := self._cross_origin.preflight(request)):
            return preflight
        arrived = self._clock()
        observation = await self._observed(request, read, arrived)
        answer, call, admission = observation.answer, observation.call, observation.admission
        try:
            body = await self._pacer.pace(answer, arrived)
        except asyncio.CancelledError:
            await self._left(observation)
            raise
        if admission is not None and admission.correct is not None:
            body = await _settled(body, admission, observation)
        limits = admission.headers if admission else NO_HEADERS
        unknown = isinstance(observation.refusal, ResourceNotFound)
        region = None if unknown else self._active.of(observation.request.resource).region
        headers = self._headers.of_answer(observation.request_id, answer, limits, region)
        headers |= client_id(request)
        headers |= self._cross_origin.headers(request)
        if observation.reason and self._reasons.in_header:
            headers[HINT_HEADER] = observation.reason
        headers |= self._decisions.headers(call)
        body = self._telemetry.observe(observation, body)
        return Response(
            answer.status, headers, body, streamed=answer.streamed, breakage=answer.breakage
        )

    async def _observed(
        self, request: Request, read: BodyReader | None, arrived: float
    ) -> Observation:
        """The answer, before it is paced, and what led to it. The host cancels this when the client
        leaves."""
        request_id = self._headers.request_id()
        call = admission = refusal = None
        caller = NOBODY
        request = await self._active.addressed(request, arrived)
        match = self._routes.find(request.method, request.path) or self._unknown
        try:
            anonymous = match.target.anonymous
            own = self._active.key_of(request, local=match.target.local)
            caller = await self._authenticator.check(request, anonymous=anonymous, own=own)
            request = await _with_body(request, read)
            check_permission(caller, request, match)
            if not anonymous and arrived >= self._upkeep.due:
                await self._upkeep.fresh()
            in_force = self._active.of(request.resource)
            mode = self._local if match.target.local else in_force.mode
            call = await self._resolve(request, match, in_force, caller, strict=mode.strict)
            call = await self._decisions.on(call, arrived)
            refuse(call, charged=False)
            admission = await self._metering.admit(call)
            refuse(call, charged=True)
            answer, admission = await self._answer(mode, call, admission)
            answer = await decided_answer(call, answer)
        except ApiError as error:
            refusal = error
            answer = call.operation.refused(call, error) if call else error.answer()
            if match.target.on_model_side and _of_model(error):
                charged = admission is not None
                marks = await self._model_error(error, request, match, charged=charged)
                answer = answer.with_headers(marks)
        except (ClientGone, asyncio.CancelledError):
            now = self._clock()
            await self._left(
                Observation(
                    request, request_id, match, call, admission, None, _UNANSWERED, arrived, now
                )
            )
            raise
        except Exception:
            logger.exception("request %s failed", request_id)
            answer = ServerError(request_id).answer()
        reason = self._reason(refusal, request, match) if refusal else ""
        return Observation(
            request,
            request_id,
            match,
            call,
            admission,
            refusal,
            answer,
            arrived,
            self._clock(),
            reason,
            caller=caller.name,
        )

    async def _model_error(
        self, error: ApiError, request: Request, match: Match[AnyOperation], *, charged: bool
    ) -> Mapping[str, str]:
        """The headers of an error of the model's side, with what is left of the limits."""
        headers = self._headers.of_model_error(error.status)
        if charged or match.target.capability is None:
            return headers
        try:
            deployments = self._active.of(request.resource).deployments
            deployment = _deployment(request, match, deployments)
        except ApiError:
            return headers
        left = await self._metering.headers_of(deployment) if deployment else NO_HEADERS
        return {**left, **headers}

    async def _left(self, observation: Observation) -> None:
        """The client has left before its answer began."""
        self._telemetry.left(structs.replace(observation, answer=_UNANSWERED))
        if observation.admission is not None:
            await observation.admission.settle(observation.usage or Usage(0))

    def _reason(self, refusal: ApiError, request: Request, match: Match[AnyOperation]) -> str:
        """The refusal in plain words; a body that names no deployment has none."""
        try:
            name = match.target.deployment_name(request, match.parameters)
        except ApiError:
            name = None
        known = self._active.of(request.resource).deployments.known
        return self._reasons.of(refusal, request, name, known)

    async def _resolve(
        self,
        request: Request,
        match: Match[AnyOperation],
        in_force: Snapshot,
        caller: Caller,
        *,
        strict: bool,
    ) -> AnyCall:
        """Return the request's target. Where the simulator does not check requests, a bad one
        passes.
        """
        operation, version = match.target, request.query.get("api-version", "")
        deployment = parameters = refusal = spillover = overlong = None
        try:
            if strict:
                check_version(match.template, version)
            deployment = _deployment(request, match, in_force.deployments)
            if deployment is not None:
                if strict:
                    in_force.retirement.check(deployment)
                named = request.headers.get(_SPILLOVER, "")
                named = named if caller.may_call(named) else ""
                spillover = in_force.deployments.spillover(deployment, named)
            target = Target(request, match.parameters, version, deployment)
            parameters, overlong = await _parsed(operation, target, spillover)
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
        )

    async def _answer(
        self, mode: Mode, call: AnyCall, admission: Admission | None
    ) -> tuple[Answer, Admission | None]:
        """The mode's answer, from the standard deployment where a provisioned one fails."""
        if call.plan is not None and call.plan.answers:
            mode = self._local
        try:
            return await mode.answer(self._metering.served(call, admission)), admission
        except ApiError as error:
            spilled = await self._metering.spill(call, admission, error)
            if spilled is None or admission is None:
                raise
            await admission.settle(Usage(0))
            return await mode.answer(self._metering.served(call, spilled)), spilled


async def _with_body(request: Request, read: BodyReader | None) -> Request:
    """The request with its body; raises InvalidRequest or what reading raises."""
    if request.query_string.count("&") >= _MOST_QUERY_MEMBERS:
        raise InvalidRequest(f"The query has more than {_MOST_QUERY_MEMBERS} parameters.")
    return request if read is None else structs.replace(request, body=await read())


async def _parsed(
    operation: AnyOperation, target: Target, spillover: Deployment | None
) -> tuple[Any, ApiError | None]:
    """The parameters of the call. A prompt for which a provisioned deployment has no room is one of the
    deployment that takes over, and comes with the refusal.
    """
    size = len(target.request.body)
    try:
        return await off_loop(size, lambda: operation.parse(target)), None
    except InvalidRequest as error:
        if spillover is None or error.code != CONTEXT_LENGTH:
            raise
        spilled, overlong = structs.replace(target, deployment=spillover), error
    try:
        return await off_loop(size, lambda: operation.parse(spilled)), overlong
    except ApiError as error:
        origin = target.deployment.name if target.deployment else ""
        added = spillover_headers(origin, spillover.name, overlong.status)
        error.headers = {**error.headers, **added}
        raise


def _of_model(error: ApiError) -> bool:
    """Return True for what the model's side refuses, and not the gateway before it."""
    return isinstance(error, InvalidRequest) and error.status in (400, 404)


def _deployment(
    request: Request, match: Match[AnyOperation], deployments: Deployments
) -> Deployment | None:
    operation = match.target
    if operation.capability is None:
        return None
    name = operation.deployment_name(request, match.parameters)
    deployment = deployments.get(name) if name else None
    if deployment is None:
        raise DeploymentNotFound
    if operation.capability not in deployment.model.capabilities:
        raise OperationNotSupported(operation.capability, deployment.model.name)
    return deployment


async def _settled(
    body: bytes | AsyncIterator[bytes], admission: Admission, observation: Observation
) -> bytes | AsyncIterator[bytes]:
    """The body; when it has left, or its client has, the admission is settled."""
    if isinstance(body, bytes):
        await admission.settle(observation.usage or Usage(0))
        return body
    return Ending(body, lambda: admission.settle(observation.usage or Usage(0)))
