"""Requests that an operation sends through the pipeline itself, such as the lines of a batch."""

from typing import Protocol

from msgspec import Struct

from simulator.authentication.caller import Caller
from simulator.catalogue.deployments import Deployments
from simulator.messages import Request


class OwnAnswer(Struct, frozen=True):
    """The whole answer to such a request; `broken` where a client would not have got it whole."""

    request_id: str
    status: int
    body: bytes
    broken: bool = False


class Pipeline(Protocol):
    """Answers requests of callers who have been let in already."""

    async def own(self, request: Request, caller: Caller) -> OwnAnswer:
        """Answer a request at once: by rules, content filter and mode, with an entry in the journal, but
        not charged to the limits of its deployment and without latency. No error escapes.
        """
        ...

    def deployments(self, resource: str) -> Deployments:
        """Return the deployments of a resource."""
        ...


class OwnRequests:
    """The way to the pipeline, which is made after the operations and leads to them."""

    def __init__(self) -> None:
        self._pipeline: Pipeline | None = None

    def lead_to(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @property
    def pipeline(self) -> Pipeline:
        if self._pipeline is None:
            raise LookupError("there is no pipeline yet")
        return self._pipeline
