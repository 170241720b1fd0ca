"""The quota of enqueued tokens: what the batches of a deployment hold until they are over."""

import msgspec
from msgspec import Struct

from simulator.catalogue.deployments import Deployment
from simulator.errors import InvalidRequest, Unavailable
from simulator.operations.batches.course import course_of
from simulator.operations.batches.store import BatchStore, StoredBatch
from simulator.operations.stores import decoded

MOST_ATTEMPTS = 50
"""Attempts at a change while other batches change the same quota."""


class Held(Struct, frozen=True):
    """The tokens of one batch, held until a moment (seconds since 1970)."""

    id: str
    tokens: int
    until: float


_HELD = msgspec.json.Decoder(list[Held])


class EnqueuedTokens:
    """Counts in the container, so that all instances share one quota."""

    def __init__(self, store: BatchStore) -> None:
        self._store = store

    async def take(
        self, resource: str, deployment: Deployment, batch: StoredBatch, now: float
    ) -> None:
        """Hold the tokens of a new batch, or refuse it."""
        limit = deployment.enqueued_tokens
        if limit is None:
            return
        for _ in range(MOST_ATTEMPTS):
            held, etag = await self._held(resource, deployment.name, now)
            if sum(one.tokens for one in held) + batch.tokens > limit:
                raise InvalidRequest(
                    f"The number of enqueued tokens has surpassed the configured limit of {_short(limit)} "
                    f"for the deployment '{deployment.name}'. Please either increase the limit or try "
                    "again once the current jobs have finished.",
                    code="token_limit_exceeded",
                )
            held.append(Held(batch.id, batch.tokens, course_of(batch).ended))
            if await self._changed(resource, deployment.name, held, etag):
                return
        raise Unavailable("Too many batches of the deployment are created at the same time.")

    async def free(self, resource: str, batch: StoredBatch, now: float) -> None:
        """Hold the tokens of a batch that was cancelled no longer than until it is over."""
        for _ in range(MOST_ATTEMPTS):
            held, etag = await self._held(resource, batch.model, now)
            ended = course_of(batch).ended
            left = [
                msgspec.structs.replace(one, until=ended) if one.id == batch.id else one
                for one in held
            ]
            if left == held or await self._changed(resource, batch.model, left, etag):
                return

    async def _held(self, resource: str, name: str, now: float) -> tuple[list[Held], str]:
        blob = await self._store.quota(resource, name)
        if blob is None:
            return [], ""
        held = decoded(_HELD, blob, "the queue of a deployment's batches") or []
        return [one for one in held if one.until > now], blob.etag

    async def _changed(self, resource: str, name: str, held: list[Held], etag: str) -> bool:
        return await self._store.put_quota(resource, name, msgspec.json.encode(held), etag)


def _short(tokens: int) -> str:
    """The number as the service writes it: 30K for 30,000."""
    for size, unit in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if tokens >= size and tokens % size == 0:
            return f"{tokens // size}{unit}"
    return str(tokens)
