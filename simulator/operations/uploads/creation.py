"""`POST …/uploads`: an upload is announced."""

from typing import Annotated

from msgspec import Meta, Struct

from simulator.errors import InvalidRequest
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.files.lifetime import ExpiresAfter
from simulator.operations.files.store import file_id
from simulator.operations.files.upload import check_name, check_purpose, check_room, check_size
from simulator.operations.uploads.base import UploadOperation, routes_of
from simulator.operations.uploads.store import StoredUpload, upload_id
from simulator.wire.body import Body

MOST_BYTES = 8 * 2**30
"""Bytes of an upload (OpenAI's reference); one for a batch is bounded as its file is."""
MOST_PENDING = 100
"""Uploads of a resource that are under way."""


class _Asked(Struct, frozen=True, forbid_unknown_fields=True):
    bytes: Annotated[int, Meta(ge=1)]
    filename: Annotated[str, Meta(min_length=1)]
    mime_type: str
    purpose: str
    expires_after: ExpiresAfter | None = None


_BODY = Body(_Asked)


class CreateUpload(UploadOperation[_Asked]):
    name = "uploads_create"
    routes = routes_of()

    def parse(self, target: Target) -> _Asked:
        asked = _BODY.decode(target.request.body)
        check_purpose(asked.purpose)
        check_name(asked.purpose, asked.filename, "filename")
        check_size(asked.purpose, asked.bytes, MOST_BYTES, "bytes")
        self._lifetime(asked)
        return asked

    async def generate(self, call: Call[_Asked], tempo: Tempo) -> Answer:
        del tempo
        asked, resource, now = call.parsed, call.request.resource, self._resources.now()
        lifetime, rng = self._lifetime(asked), self._resources.rng
        await check_room(self._files, resource, lifetime)
        await self._sweep(resource, now)
        upload = StoredUpload(
            id=upload_id(now, rng),
            created_at=int(now),
            filename=asked.filename,
            purpose=asked.purpose,
            bytes=asked.bytes,
            file_id=file_id(now, rng),
            lifetime=lifetime,
        )
        await self._store.add(resource, upload)
        return self._shown(upload)

    def _lifetime(self, asked: _Asked) -> int | None:
        after = asked.expires_after
        return after and after.checked("expires_after")

    async def _sweep(self, resource: str, now: float) -> None:
        """Remove uploads that are over, with the parts of those that expired; refuse one too many."""
        ids = await self._store.ids(resource)
        pending = 0
        for identifier in ids:
            found = await self._store.find(resource, identifier)
            status = found[0].status_at(now) if found else "cancelled"
            pending += status == "pending"
            if found and status != "pending" and now >= found[0].expires_at:
                await self._remove(resource, found[0], status)
        if pending >= MOST_PENDING:
            raise InvalidRequest(
                f"The resource has {MOST_PENDING} uploads under way. Complete or cancel some of them.",
                code="quota_exceeded",
            )

    async def _remove(self, resource: str, upload: StoredUpload, status: str) -> None:
        if status == "expired":
            parts = await self._files.parts(resource, upload.file_id)
            await self._files.drop_parts(resource, upload.file_id, parts)
        await self._store.drop(resource, upload.id)
