"""The end of an upload: its parts become a file, or it is cancelled."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from simulator.errors import InvalidRequest
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call, Target
from simulator.operations.files.store import StoredFile
from simulator.operations.files.upload import check_room
from simulator.operations.uploads.base import UploadOperation, routes_of
from simulator.operations.uploads.parts import MOST_PARTS
from simulator.operations.uploads.store import StoredUpload, size_of
from simulator.wire.body import Body


class _Asked(Struct, frozen=True, forbid_unknown_fields=True):
    part_ids: Annotated[list[str], Meta(min_length=1, max_length=MOST_PARTS)]
    md5: str | None = None


_BODY = Body(_Asked)


class CompleteUpload(UploadOperation[_Asked]):
    name = "uploads_complete"
    routes = routes_of("complete")

    def parse(self, target: Target) -> _Asked:
        return _BODY.decode(target.request.body)

    async def generate(self, call: Call[_Asked], tempo: Tempo) -> Answer:
        del tempo
        asked, resource = call.parsed, call.request.resource
        upload, etag = await self._pending(call)
        kept = await self._files.parts(resource, upload.file_id)
        _check_parts(asked.part_ids, kept, upload)
        await check_room(self._files, resource, upload.lifetime)
        file = self._file(upload, asked.part_ids)
        if asked.md5 is not None:
            await self._check_sum(resource, file, asked.md5)
        completed = replace(upload, status="completed")
        if not await self._store.change(resource, completed, etag):
            raise _changed_meanwhile(upload)
        await self._files.add_parts(resource, file)
        await self._files.drop_parts(resource, upload.file_id, set(kept).difference(asked.part_ids))
        return self._shown(completed, file)

    def _file(self, upload: StoredUpload, parts: Sequence[str]) -> StoredFile:
        created = int(self._resources.now())
        lifetime = upload.lifetime
        return StoredFile(
            id=upload.file_id,
            bytes=upload.bytes,
            created_at=created,
            filename=upload.filename,
            purpose=upload.purpose,
            expires_at=None if lifetime is None else created + lifetime,
            parts=list(parts),
        )

    async def _check_sum(self, resource: str, file: StoredFile, expected: str) -> None:
        found = hashlib.md5(usedforsecurity=False)
        try:
            async for piece in self._files.pieces(resource, file):
                await asyncio.to_thread(found.update, piece)
        except LookupError:
            raise InvalidRequest("A part is there no more.", param="part_ids") from None
        if found.hexdigest() != expected.lower():
            raise InvalidRequest(
                "The md5 of the parts is not the one of the request.",
                param="md5",
                code="invalid_value",
            )


class CancelUpload(BareOperation, UploadOperation[None]):
    name = "uploads_cancel"
    routes = routes_of("cancel")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        resource = call.request.resource
        upload, etag = await self._pending(call)
        cancelled = replace(upload, status="cancelled")
        if not await self._store.change(resource, cancelled, etag):
            raise _changed_meanwhile(upload)
        parts = await self._files.parts(resource, upload.file_id)
        await self._files.drop_parts(resource, upload.file_id, parts)
        return self._shown(cancelled)


def _check_parts(asked: Sequence[str], kept: Sequence[str], upload: StoredUpload) -> None:
    known = set(kept)
    for part in asked:
        if part not in known:
            raise InvalidRequest(f"No such part: {part[:200]}", param="part_ids")
    if len(set(asked)) != len(asked):
        raise InvalidRequest("A part is named twice.", param="part_ids", code="invalid_value")
    size = sum(size_of(part) for part in asked)
    if size != upload.bytes:
        raise InvalidRequest(
            f"The parts have {size} bytes, but the upload was announced with {upload.bytes}.",
            param="part_ids",
            code="invalid_value",
        )


def _changed_meanwhile(upload: StoredUpload) -> InvalidRequest:
    return InvalidRequest(f"The upload {upload.id} is no longer pending.", param="upload_id")
