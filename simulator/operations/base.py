"""The interface of an operation: one thing that the API does, on its routes, for a parsed call."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Generic, TypeVar, cast

from msgspec import Struct

from simulator.authentication.caller import DEFAULT, USERS, Caller, Role
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.latency_table import LatencyTable
from simulator.catalogue.models import Capability, Model
from simulator.content_filter.answers import Shape
from simulator.content_filter.screening import FilterAction, Screening
from simulator.errors import ApiError, DeploymentNotFound, ModelMissing, RateLimited
from simulator.latency import Slowdown, Tempo
from simulator.limits.estimate import TokenDemand
from simulator.messages import Answer, Request
from simulator.operations.resources import Resources
from simulator.operations.routes import Route
from simulator.synthesis.answer_shape import NATURAL, AnswerShape
from simulator.synthesis.script import Script, ScriptKind
from simulator.wire.body import Body
from simulator.wire.faults import Fault
from simulator.wire.inference import is_inference, named_model

P = TypeVar("P")


class Target(Struct, frozen=True):
    """The target of a request. `api_version` is "" if none was given."""

    request: Request
    path_parameters: Mapping[str, str]
    api_version: str
    deployment: Deployment | None

    @property
    def model(self) -> Model:
        """The deployment's model, for operations with a capability: they are given one."""
        if self.deployment is None:
            raise DeploymentNotFound
        return self.deployment.model

    @property
    def feature_version(self) -> str:
        """The api-version that says which features are known; "" for the newest ones, as with Azure AI
        Inference, whose versions count otherwise."""
        return "" if is_inference(self.request) else self.api_version

    @property
    def context_window(self) -> int:
        """Tokens of prompt and answer together that the deployment has room for."""
        return self.deployment.context_window if self.deployment else 0

    @property
    def embedding_size(self) -> int:
        """The size of the vectors that the deployment gives unless the request sets a shorter
        one.
        """
        size = self.deployment and (self.deployment.embedding_size or self.model.embedding_size)
        return size or 0


class Cost(TokenDemand, frozen=True):
    """The cost of a call on arrival: what limits count."""


class RequestSummary(Struct, frozen=True):
    """The texts and tools of a request, for readers that know no operation."""

    last_message: str = ""
    """The newest text of the user."""
    messages: tuple[str, ...] = ()
    """All texts of the prompt, in their order."""
    tools: frozenset[str] = frozenset()
    """The names of the tools offered."""
    tool_results: frozenset[str] = frozenset()
    """The names of the tools whose results the request brings."""
    streamed: bool = False


EMPTY_SUMMARY = RequestSummary()


class Plan(Struct, frozen=True):
    """A decision on a call's answer; `rule` is the name of the rule that decided."""

    rule: str
    script: Script | None = None
    slowdown: Slowdown | None = None
    fault: Fault | None = None
    filter: FilterAction | None = None
    recording: str = ""
    """The name of the recording that is the answer."""

    @property
    def answers(self) -> bool:
        """Return True if the answer is decided, so that no mode is asked for it."""
        return self.script is not None or bool(self.recording)

    def reason_of(self, refusal: ApiError) -> str:
        """Return in plain words that the rule decided on a refusal; "" for any other one."""
        if self.fault is None or refusal is not self.fault.refusal:
            return ""
        return f"the rule '{self.rule}' has the fault {self.fault.kind}"


class Call(Target, Generic[P], frozen=True):
    """A request that is understood.

    In record and replay, where the simulator does not check requests, one that it would refuse has
    the `refusal` and no `parameters`: the upstream or the recording decides.

    `latency`, `shape` and `spillover` are those of the configuration in force on arrival.
    """

    operation: "Operation[P]"
    parameters: P | None
    refusal: ApiError | None = None
    latency: LatencyTable | None = None
    """The times of the deployment; None: the answer is due at once."""
    shape: AnswerShape = NATURAL
    """The length and the style of a generated answer."""
    spillover: Deployment | None = None
    """The standard deployment that serves the call if its provisioned one fails."""
    overlong: ApiError | None = None
    """The provisioned deployment's refusal of a prompt for which only `spillover` has room."""
    plan: Plan | None = None
    """The decision of a rule."""
    caller: Caller = DEFAULT
    screening: Screening | None = None
    """The task of the content filter."""
    passed: bool = False
    """Its answer has the headers of those that Foundry passes on: see `passed_headers`."""
    own: bool = False
    """An operation of the simulator sends it, and looks at no headers of the answer."""

    @property
    def fault(self) -> Fault | None:
        """Return the trouble that the answer is to have, if any."""
        return None if self.plan is None else self.plan.fault

    def rule_behind(self, refusal: ApiError | None) -> str:
        """Return the name of the rule that decided the answer, or this refusal; "" if none did."""
        plan, screening = self.plan, self.screening
        if plan is None:
            return ""
        if refusal is None or (plan.fault is not None and refusal is plan.fault.refusal):
            return plan.rule
        blocked = screening is not None and refusal is screening.refusal
        # A filter of completions refuses images, too; elsewhere a word in the prompt may have done it.
        images = self.operation.filter_shape == "images"
        if blocked and plan.filter is not None and (plan.filter.prompt or images):
            return plan.rule
        unplayed = bool(plan.recording) and not isinstance(refusal, RateLimited)
        return plan.rule if unplayed else ""

    @property
    def changes_events(self) -> bool:
        """Return True if the content filter or a fault looks at the single events of the answer."""
        return self.screening is not None or self.fault is not None

    @property
    def slowdown(self) -> Slowdown | None:
        """Return the change of the answer's speed, if there is one and anything is waited for."""
        slowdown = None if self.plan is None else self.plan.slowdown
        if slowdown is None or self.latency_factor == 1.0:
            return slowdown
        return slowdown.scaled(self.latency_factor) if self.latency_factor else None

    @property
    def latency_factor(self) -> float:
        """Return the factor of all waiting."""
        return 1.0 if self.latency is None else self.latency.factor

    @property
    def script(self) -> Script | None:
        """Return the text or calls of the answer, if they are decided."""
        return None if self.plan is None else self.plan.script

    @property
    def parsed(self) -> P:
        """The parameters, or the refusal: for an operation, which answers only what is good."""
        if self.refusal is not None:
            raise self.refusal
        return cast("P", self.parameters)


class _Named(Struct):
    """The member of any body on a v1 route that names the deployment."""

    model: str | None = None


_NAMED = Body(_Named)


def model_in(request: Request) -> str:
    """Return the body's model, which is the deployment's name on v1 routes."""
    named = _NAMED.decode(request.body).model
    if not named:
        raise ModelMissing
    return named


class Operation(ABC, Generic[P]):
    """One operation of the API. What implementers hold to:

    * `parse` refuses with the real service's `InvalidRequest` whatever the real one refuses, reads no
      clock and draws nothing; the same call may be parsed on a thread.
    * `cost` is cheap and never raises; None means that the limits count the request alone.
    * `generate` makes the whole answer at once, each chunk due at the moment that the tempo gives
      for the work done by then.
    """

    name: ClassVar[str]
    """Snake case; the name of the function in the portal and in telemetry."""
    routes: ClassVar[tuple[Route, ...]]
    capability: ClassVar[Capability | None] = None
    """The ability that the deployment's model must have; None: no deployment is involved."""
    uncounted: ClassVar[bool] = False
    """No limit counts it; without a capability, it is for deployments of any model."""
    scripted: ClassVar[frozenset[ScriptKind]] = frozenset()
    """The answers that rules may give: a rule for any other is not for this operation."""
    limit_name: ClassVar[str] = ""
    """The operation's name in a 429 body, e.g. ChatCompletions_Create."""
    anonymous: ClassVar[bool] = False
    """Served without a key."""
    local: ClassVar[bool] = False
    """Answered by the simulator itself in every mode."""
    stateful: ClassVar[bool] = False
    """It is about what a resource stores: files, batches, responses."""
    spools: ClassVar[bool] = False
    """Its bodies are forms whose files may be very large: they are put on the disk as they come."""
    unpacks: ClassVar[bool] = False
    """To understand a request takes time that the size of its body does not say."""
    filter_shape: ClassVar[Shape | None] = None
    """The shape in which it shows what the content filter finds; None: it is not filtered."""

    def deployment_name(self, request: Request, path_parameters: Mapping[str, str]) -> str | None:
        """The deployment's name: in the path, or in the JSON body's `model` (v1 routes), or in a header
        (Azure AI Inference)."""
        if is_inference(request):
            return named_model(request)
        named = path_parameters.get("deployment")
        return named if named is not None else model_in(request)

    def permits(self, role: Role) -> bool:
        """Return True if callers of the role may do this."""
        return role in USERS

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    @property
    def on_model_side(self) -> bool:
        """True if its 400s and 404s have the headers of the model's side."""
        return self.capability is not None or self.stateful

    @abstractmethod
    def parse(self, target: Target) -> P: ...

    def cost(self, call: Call[P]) -> Cost | None:
        del call
        return None

    def tier(self, call: Call[P]) -> str:
        """Return the service tier that serves a call."""
        del call
        return "default"

    async def summary(self, call: Call[P]) -> RequestSummary:
        """Return the texts and tools that rules look at, as far as the call was understood; never raises
        `ApiError`."""
        del call
        return EMPTY_SUMMARY

    def refused(self, call: Call[P], error: ApiError) -> Answer:
        """Return the answer to a call that is refused; the status need not be the error's."""
        del call
        return error.answer()

    @abstractmethod
    async def generate(self, call: Call[P], tempo: Tempo) -> Answer: ...


class BareOperation(Operation[None]):
    """An operation whose route says all: nothing is read of the request's body."""

    def parse(self, target: Target) -> None:
        del target


# The parameters of a call are the business of its operation alone; the pipeline passes them on.
AnyCall = Call[Any]
AnyOperation = Operation[Any]
