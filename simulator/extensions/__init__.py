"""The interface of extensions: the one module of the simulator that they import.

An extension is a Python file, or a package, with a function `initialize(extensions: Extensions)`.
The names here are stable; `docs/extending.md` describes them, `examples/` shows them at work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.authentication.authenticator import Authentication, Key
from simulator.catalogue.deployments import Deployment
from simulator.errors import (
    AccessDenied,
    ApiError,
    GatewayError,
    InvalidRequest,
    ItemNotFound,
    RateLimited,
    ResourceNotFound,
    TokenMissing,
    Unavailable,
)
from simulator.latency import Tempo
from simulator.messages import Answer, Chunk, Request, Usage
from simulator.metering import Limiter
from simulator.modes.generate import Generator, Wrapper
from simulator.operations.base import Call, Cost, Operation, Target
from simulator.operations.resources import Resources
from simulator.operations.routes import Route
from simulator.recordings.redaction import Redact
from simulator.rules.document import EXTENSION_PREFIX, read_rules
from simulator.storage.container import Container
from simulator.upstream.credentials import ApiKey, Credential, EntraToken
from simulator.upstream.forward import Forward, Forwarder, Received
from simulator.wire.origin import origin_of
from simulator.wire.sse import DONE, event

__all__ = [
    "DONE",
    "AccessDenied",
    "Answer",
    "ApiError",
    "ApiKey",
    "Authentication",
    "Call",
    "Chunk",
    "Container",
    "Cost",
    "Credential",
    "Deployment",
    "EntraToken",
    "Extensions",
    "Forward",
    "Forwarder",
    "GatewayError",
    "Generator",
    "InvalidRequest",
    "ItemNotFound",
    "Key",
    "Limiter",
    "MakeOperation",
    "Operation",
    "RateLimited",
    "Received",
    "Redact",
    "Request",
    "ResourceNotFound",
    "Resources",
    "Route",
    "Target",
    "Tempo",
    "TokenMissing",
    "Unavailable",
    "Usage",
    "Wrapper",
    "event",
    "origin_of",
]

MakeOperation = Callable[[Resources], Operation[Any]]
"""An `Operation` class, or a function that makes an operation."""


@dataclass(slots=True)
class Added:
    """The parts that an extension has added to the simulator."""

    operations: list[MakeOperation] = field(default_factory=list[MakeOperation])
    wrappers: dict[str, list[Wrapper]] = field(default_factory=dict[str, list[Wrapper]])
    forwarders: list[Forwarder] = field(default_factory=list[Forwarder])
    redactions: list[Redact] = field(default_factory=list[Redact])
    limiters: list[Limiter] = field(default_factory=list[Limiter])
    authentications: list[Authentication] = field(default_factory=list[Authentication])
    rules: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])


class Extensions:
    """Takes what an extension adds. `settings` is the environment, completed by `.env` and
    `local.settings.json`: settings of an extension's own are found there.

    Everything that is called with a request is `async`. To refuse it, it raises an `ApiError`; any
    other exception is logged with its traceback, and the client gets the service's 500.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.added = Added()

    def add_operation(self, operation: MakeOperation) -> None:
        """An operation of one's own, on any route. Where its route is also one of the simulator's, its
        operation answers. Its `name` must be new."""
        self.added.operations.append(operation)

    def replace_generator(self, operation: str, generator: Generator) -> None:
        """Has `generator` make the answers of the operation of this name in generate mode. The request
        is checked, charged and paced as ever."""

        async def wrapper(original: Generator, call: Call[Any], tempo: Tempo) -> Answer:
            del original
            return await generator(call, tempo)

        self.wrap_generator(operation, wrapper)

    def wrap_generator(self, operation: str, wrapper: Wrapper) -> None:
        """Like `replace_generator`, for one that is given the original, too."""
        self.added.wrappers.setdefault(operation, []).append(wrapper)

    def add_forwarder(self, forwarder: Forwarder) -> None:
        """Has `forwarder` say how requests go on in record mode; the first that returns a `Forward`
        decides.
        """
        self.added.forwarders.append(forwarder)

    def add_redaction(self, redaction: Redact) -> None:
        """Has `redaction` return each body, and each event of a stream, as it may be stored. It is no
        coroutine, and is called on a thread for large ones. If it fails, the exchange is not stored."""
        self.added.redactions.append(redaction)

    def add_limiter(self, limiter: Limiter) -> None:
        """Has `limiter` admit every call, in every mode, before the deployment's limits do. It raises
        an error, such as `RateLimited`, or returns headers for the call's answer, or None."""
        self.added.limiters.append(limiter)

    def add_rule(self, rule: Mapping[str, Any]) -> None:
        """Adds a rule, written as in a file of rules (`docs/rules.md`). It is tried after those of
        clients and files. Raises `InvalidRequest` for one that is wrong."""
        read_rules([*self.added.rules, rule], prefix=EXTENSION_PREFIX)
        self.added.rules.append(rule)

    def add_authentication(self, authentication: Authentication) -> None:
        """Has `authentication` let requests in (True), refuse them (False, or an error), or leave them
        to the next one, and in the end to the simulator's own check (None). Anonymous operations are
        let in without."""
        self.added.authentications.append(authentication)
