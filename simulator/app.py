"""The simulator: the steps of one request, from top to bottom."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import structs

from simulator.active_configuration import ActiveConfiguration, Snapshot
from simulator.authentication.authenticator import Authenticator
from simulator.authentication.caller import Caller
from simulator.catalogue.deployments import Deployments
from simulator.concurrency import UNBOUNDED, off_loop
from simulator.decisions import Decisions, decided_answer, refuse
from simulator.errors import ApiError, ClientGone, InvalidRequest, ResourceNotFound, ServerError
from simulator.instances.siblings import Siblings
from simulator.journal.reasons import one_line
from simulator.messages import NO_HEADERS, Answer, Request, Response, Usage
from simulator.metering import Metering
from simulator.modes.base import Mode
from simulator.operations.own_requests import OwnAnswer
from simulator.operations.routes import RouteTable
from simulator.pacing import Pacer, whole_body
from simulator.permission import check_permission
from simulator.resolution import AnyCall, AnyOperation, deployment_of, resolve
from simulator.response_head import ResponseHead
from simulator.rounds import Rounds
from simulator.telemetry.observation import UNANSWERED, Observation
from simulator.telemetry.observer import Telemetry
from simulator.upkeep import Upkeep
from simulator.wire.forms import Form
from simulator.wire.packed_chunks import packed
from simulator.wire.projects import without_project

logger = logging.getLogger(__name__)

BodyReader = Callable[[], Awaitable[bytes]]
"""Reads the body; may have a `FormReader` as its `form`."""
FormReader = Callable[[], Awaitable[Form]]
_MOST_QUERY_MEMBERS = 256
_SMALL_BODY = 2**20


class Simulator:
    """Answers requests. Built by `create_simulator`, once per process."""

    siblings: Siblings
    """The processes that serve beside this one, where a host makes it one of several."""

    def __init__(
        self,
        *,
        routes: RouteTable[AnyOperation],
        authenticator: Authenticator,
        upkeep: Upkeep,
        active: ActiveConfiguration,
        metering: Metering,
        decisions: Decisions,
        pacer: Pacer,
        head: ResponseHead,
        telemetry: Telemetry,
        closing: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        self._routes = routes
        self._authenticator = authenticator
        self._upkeep = upkeep
        self._active = active
        self._metering = metering
        self._decisions = decisions
        self._pacer = pacer
        self._clock = pacer.clock
        self._head = head
        self._telemetry = telemetry
        self._rounds = Rounds()
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
        if request.method == "OPTIONS" and (preflight := self._head.preflight(request)):
            return preflight
        arrived = self._clock()
        request = without_project(await self._active.addressed(request, arrived))
        match = self._routes.match(request.method, request.path)
        observation = Observation(request, self._head.request_id(), match, arrived)
        with self._rounds:
            await self._conclude(observation, self._answered(observation, read))
        answer, admission = observation.answer, observation.admission
        try:
            await self._rounds.step()
            body = await self._pacer.pace(answer, arrived)
        except asyncio.CancelledError:
            await self._left(observation)
            raise
        if admission is not None and admission.correct is not None:
            body = await self._metering.settled(admission, body, lambda: observation.usage)
        limits = NO_HEADERS if admission is None else admission.headers
        region = self._active.of(request.resource).region
        headers = self._head.headers(observation, limits, region)
        if ruled := self._decisions.headers(observation.call, observation.refusal):
            headers = headers | ruled
        body = self._telemetry.observe(observation, body)
        return Response(
            answer.status, headers, body, streamed=answer.streamed, breakage=answer.breakage
        )

    def deployments(self, resource: str) -> Deployments:
        """Return the deployments of a resource, as they are in force."""
        return self._active.of(resource).deployments

    async def own(self, request: Request, caller: Caller) -> OwnAnswer:
        """Answer a request that an operation sends for a caller: see `Pipeline`."""
        match = self._routes.match(request.method, request.path)
        request_id, arrived = self._head.request_id(), self._clock()
        observation = Observation(request, request_id, match, arrived, caller, own=True)
        await self._conclude(observation, self._decided(observation))
        answer = observation.answer
        body = await whole_body(answer)
        self._telemetry.observe(observation, body)
        return OwnAnswer(request_id, answer.status, body, answer.breakage is not None)

    async def _conclude(self, observation: Observation, answered: Awaitable[Answer]) -> None:
        """Wait for the answer, and note it or the refusal. The host cancels this when the client leaves."""
        try:
            observation.answer = await answered
        except ApiError as error:
            observation.refusal = error
            observation.answer = await self._refused(observation, error)
            observation.reason = await self._reason(error, observation)
            # Its frames hold the body, and it is held by one of them: only a collection would free both.
            error.__traceback__ = None
        except (ClientGone, asyncio.CancelledError):
            observation.ready = self._clock()
            await self._left(observation)
            raise
        except Exception:
            logger.exception("request %s failed", observation.request_id)
            observation.answer = ServerError(observation.request_id).answer()
        observation.ready = self._clock()

    async def _answered(self, observation: Observation, read: BodyReader | None) -> Answer:
        """The steps of a request; what each of them finds is noted in the observation."""
        request, operation = observation.request, observation.match.target
        own = self._active.key_of(request, local=operation.local)
        caller = await self._authenticator.check(request, anonymous=operation.anonymous, own=own)
        observation.caller = caller
        if not operation.routes and self._is_unread(request):
            raise ResourceNotFound
        spools = operation.spools and self._active.of(request.resource).mode.strict
        observation.request = await _with_body(request, read, spools=spools)
        if not operation.anonymous and observation.arrived >= self._upkeep.due:
            await self._upkeep.fresh()
        await self._rounds.gather()
        return await self._decided(observation)

    async def _decided(self, observation: Observation) -> Answer:
        """The steps from what is understood of a request to its answer."""
        request, operation = observation.request, observation.match.target
        in_force = self._active.of(request.resource)
        # A form that was read for the simulator stays with it, whatever the mode has become meanwhile.
        local = operation.local or request.form is not None
        mode = self._active.local if local else in_force.mode
        size = UNBOUNDED if operation.unpacks else len(request.body)
        call = await off_loop(size, _understood, observation, in_force, mode)
        observation.call = call
        await self._rounds.step()
        observation.call = call = await self._decisions.on(call, observation.arrived)
        refuse(call, charged=False)
        if not observation.own:
            observation.admission = await self._metering.admit(call)
        refuse(call, charged=True)
        await self._rounds.step()
        answer = await self._answer(mode, call, observation)
        return packed(await decided_answer(call, answer, generated=mode.strict))

    def _is_unread(self, request: Request) -> bool:
        """Return True for a large body that nothing would look at on a path of no operation."""
        return _is_large(request) and self._active.of(request.resource).mode.strict

    async def _refused(self, observation: Observation, error: ApiError) -> Answer:
        call = observation.call
        answer = call.operation.refused(call, error) if call else error.answer()
        if observation.match.target.on_model_side and _of_model(error) and not observation.own:
            return answer.with_headers(await self._model_error(observation, error))
        return answer

    async def _model_error(self, observation: Observation, error: ApiError) -> Mapping[str, str]:
        """The headers of an error of the model's side, with what is left of the limits."""
        headers = self._head.of_model_error(error.status)
        request, match = observation.request, observation.match
        if observation.admission is not None or match.target.capability is None:
            return headers
        try:
            deployments = self._active.of(request.resource).deployments
            deployment = await off_loop(
                len(request.body), lambda: deployment_of(request, match, deployments)
            )
        except ApiError:
            return headers
        left = await self._metering.headers_of(deployment) if deployment else NO_HEADERS
        return {**left, **headers}

    async def _left(self, observation: Observation) -> None:
        """The client has left before its answer began."""
        observation.sent, observation.answer = observation.usage, UNANSWERED
        self._telemetry.left(observation)
        if observation.admission is not None:
            await observation.admission.settle(observation.sent or Usage(0))

    async def _reason(self, refusal: ApiError, observation: Observation) -> str:
        """The refusal in plain words, which may be about the deployment that the request names."""
        request, match = observation.request, observation.match
        plan = observation.call.plan if observation.call else None
        if plan is not None and (decided := plan.reason_of(refusal)):
            return one_line(decided)
        try:
            name = await off_loop(
                len(request.body), lambda: match.target.deployment_name(request, match.parameters)
            )
        except ApiError:
            name = None
        if match.target.routes:
            observation.named = name or ""
        known = self._active.of(request.resource).deployments.known
        return self._head.reason(refusal, request, name, known)

    async def _answer(self, mode: Mode, call: AnyCall, observation: Observation) -> Answer:
        """The mode's answer, from the standard deployment where a provisioned one fails."""
        if call.plan is not None and call.plan.answers:
            mode = self._active.local
        admission = observation.admission
        try:
            return await mode.answer(self._metering.served(call, admission))
        except ApiError as error:
            spilled = await self._metering.spill(call, admission, error)
            if spilled is None or admission is None:
                raise
            await admission.settle(Usage(0))
            observation.admission = spilled
            return await mode.answer(self._metering.served(call, spilled))


def _is_large(request: Request) -> bool:
    """Return True if the body is announced as large, or without its length."""
    length = request.headers.get("content-length", "")
    if length.isdecimal():
        return len(length) > 7 or int(length) > _SMALL_BODY
    return "transfer-encoding" in request.headers


async def _with_body(request: Request, read: BodyReader | None, *, spools: bool) -> Request:
    """The request with its body, or its form; raises InvalidRequest or what reading raises."""
    if request.query_string.count("&") >= _MOST_QUERY_MEMBERS:
        raise InvalidRequest(f"The query has more than {_MOST_QUERY_MEMBERS} parameters.")
    if read is None:
        return request
    read_form: FormReader | None = getattr(read, "form", None)
    if spools and read_form is not None and _is_large(request) and _is_form(request):
        return structs.replace(request, form=await read_form())
    return structs.replace(request, body=await read())


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def _understood(observation: Observation, in_force: Snapshot, mode: Mode) -> AnyCall:
    """The call that a request makes, if its caller may make it; a line of a batch was let in with it."""
    request, match = observation.request, observation.match
    caller, own = observation.caller, observation.own
    if not own:
        check_permission(caller, request, match)
    call = resolve(request, match, in_force, caller, strict=mode.strict, batched=own)
    return structs.replace(call, latency=None, own=True) if own else call


def _of_model(error: ApiError) -> bool:
    """Return True for what the model's side refuses, and not the gateway before it."""
    return isinstance(error, InvalidRequest) and error.status in (400, 404)
