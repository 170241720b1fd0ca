"""`POST …/batches`: a batch is created from an uploaded file."""

from dataclasses import dataclass

from msgspec import Struct

from simulator.concurrency import off_loop
from simulator.errors import Forbidden, InvalidRequest, missing_parameter
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Operation, Target
from simulator.operations.batches.ending import BatchEndings
from simulator.operations.batches.lines import URLS
from simulator.operations.batches.quota import EnqueuedTokens
from simulator.operations.batches.store import BatchStore, StoredBatch, Work, batch_id
from simulator.operations.batches.validation import Validated, Validation
from simulator.operations.batches.versions import check_dated
from simulator.operations.batches.wire import shown
from simulator.operations.files.base import FILE_TYPE
from simulator.operations.files.lifetime import ExpiresAfter
from simulator.operations.files.store import FileStore, file_id
from simulator.operations.model_checks import check_metadata
from simulator.operations.resources import Resources
from simulator.operations.routes import resource_routes
from simulator.wire.body import Body

# Microsoft's examples have these for batches of either operation: the file says which one it is.
_EITHER = ("/chat/completions", "/chat/responses")
ENDPOINTS = (*URLS, "/chat/responses")


class _Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """The body; `input_blob` and `output_folder` are known, and refused. Microsoft's page on batches writes
    the anchor of `output_expires_after` beside it."""

    endpoint: str
    completion_window: str
    input_file_id: str | None = None
    metadata: dict[str, str] | None = None
    output_expires_after: ExpiresAfter | None = None
    anchor: str | None = None
    input_blob: object = None
    output_folder: object = None


_BODY = Body(_Asked)


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch that is to be created; `output_lifetime` is in seconds."""

    input_file_id: str
    endpoint: str
    metadata: dict[str, str] | None
    output_lifetime: int | None

    @property
    def operation(self) -> str:
        """The operation that all lines have to be for; "" where the first line says it."""
        return "" if self.endpoint in _EITHER else URLS[self.endpoint]


class CreateBatch(Operation[NewBatch]):
    name = "batches_create"
    routes = resource_routes("POST", "batches")
    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._files = FileStore(resources.container, resources.now)
        self._store = BatchStore(resources.container)
        self._quota = EnqueuedTokens(self._store)
        self._endings = BatchEndings(resources)

    def parse(self, target: Target) -> NewBatch:
        check_dated(target.api_version)
        asked = _BODY.decode(target.request.body)
        for name in ("input_blob", "output_folder"):
            if getattr(asked, name) is not None:
                message = "Batches of blobs are not simulated: upload a file."
                raise InvalidRequest(message, param=name, code="unsupported_value")
        if asked.input_file_id is None:
            raise missing_parameter("input_file_id")
        if asked.endpoint not in ENDPOINTS:
            raise _not_one_of("endpoint", asked.endpoint, ENDPOINTS)
        if asked.completion_window != "24h":
            raise _not_one_of("completion_window", asked.completion_window, ("24h",))
        check_metadata(asked.metadata or {})
        after = asked.output_expires_after
        lifetime = after and after.checked("output_expires_after", asked.anchor)
        return NewBatch(asked.input_file_id, asked.endpoint, asked.metadata, lifetime)

    async def generate(self, call: Call[NewBatch], tempo: Tempo) -> Answer:
        del tempo
        new, now = call.parsed, self._resources.now()
        found = await self._validated(call)
        batch = self._batch(new, found, now, call.caller.name)
        headers = await self._hold_quota(call.request.resource, batch)
        await self._store.add(call.request.resource, batch)
        self._endings.expect(call.request.resource, batch)
        # It is seen in its first state, even if it is done at once.
        body = indented(shown(batch, Work(), now) | _FIRST)
        return Answer.plain(body, content_type=FILE_TYPE, headers=headers)

    async def _hold_quota(self, resource: str, batch: StoredBatch) -> dict[str, str]:
        """Take the tokens of a batch from its deployment's quota, and return the headers that tell of it."""
        deployments = self._resources.own_requests.pipeline.deployments(resource)
        deployment = deployments.get(batch.model) if not batch.problems else None
        if deployment is None:
            return {}
        await self._quota.take(resource, deployment, batch, batch.created)
        headers = {"deployment-enqueued-tokens": str(batch.tokens)}
        if deployment.enqueued_tokens is not None:
            headers["deployment-maximum-enqueued-tokens"] = str(deployment.enqueued_tokens)
        return headers

    async def _validated(self, call: Call[NewBatch]) -> Validated:
        """Read the input file. Raises for what the request is at fault for."""
        new, resource = call.parsed, call.request.resource
        stored = await self._files.find(resource, new.input_file_id)
        data = None if stored is None else await self._files.content(resource, stored)
        if stored is None or data is None:
            raise InvalidRequest(
                f"No such File object: {new.input_file_id[:200]}",
                param="input_file_id",
                code="invalid_value",
            )
        if stored.purpose != "batch":
            raise InvalidRequest(
                f"The file {stored.id} has the purpose '{stored.purpose}': batches take files of 'batch'.",
                param="input_file_id",
                code="invalid_value",
            )
        deployments = self._resources.own_requests.pipeline.deployments(resource)
        validation = Validation(deployments, new.operation)
        found = await off_loop(len(data), lambda: validation.of(data))
        if found.model and not call.caller.may_call(found.model):
            raise Forbidden(f"the key {call.caller.name!r} is not for {found.model!r}")
        return found

    def _batch(self, new: NewBatch, found: Validated, now: float, caller: str) -> StoredBatch:
        rng = self._resources.rng
        return StoredBatch(
            id=batch_id(now, rng),
            created=now,
            finished=now + self._resources.batches.seconds,
            endpoint=new.endpoint,
            input_file_id=new.input_file_id,
            output_file_id=file_id(now, rng),
            error_file_id=file_id(now, rng),
            operation=found.operation,
            model=found.model,
            total=found.total,
            tokens=found.tokens,
            caller=caller,
            problems=list(found.problems),
            metadata=new.metadata,
            output_lifetime=new.output_lifetime,
        )


_FIRST: dict[str, object] = {
    "status": "validating",
    "in_progress_at": None,
    "finalizing_at": None,
    "failed_at": None,
    "errors": None,
    "request_counts": {"total": 0, "completed": 0, "failed": 0},
}


def _not_one_of(name: str, found: str, allowed: tuple[str, ...]) -> InvalidRequest:
    listed = ", ".join(f"'{each}'" for each in allowed)
    return InvalidRequest(
        f"Invalid value: '{found[:100]}'. Supported values are: {listed}.",
        param=name,
        code="invalid_value",
    )
