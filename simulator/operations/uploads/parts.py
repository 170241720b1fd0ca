"""`POST …/uploads/{upload_id}/parts`: a part of an upload."""

import asyncio

from simulator.errors import InvalidRequest, missing_parameter
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.form_operation import form_of
from simulator.operations.uploads.base import UploadOperation, routes_of
from simulator.operations.uploads.store import part_id, size_of
from simulator.wire.forms import File

MOST_PART_BYTES = 64 * 2**20
"""Bytes of one part (OpenAI's reference)."""
MOST_PARTS = 1_000
"""Parts of one upload."""


class AddUploadPart(UploadOperation[File]):
    name = "uploads_parts"
    routes = routes_of("parts")
    spools = True

    def parse(self, target: Target) -> File:
        form = form_of(target.request)
        unknown = (form.fields.keys() | form.files.keys()) - {"data"}
        if unknown:
            name = min(unknown)
            raise InvalidRequest(
                f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter"
            )
        parts = form.files.get("data")
        if not parts:
            raise missing_parameter("data")
        return _checked(parts[-1])

    async def generate(self, call: Call[File], tempo: Tempo) -> Answer:
        del tempo
        part, resource = call.parsed, call.request.resource
        upload, _ = await self._pending(call)
        kept = await self._files.parts(resource, upload.file_id)
        # A part that went wrong may be sent again.
        room = 2 * upload.bytes - sum(size_of(one) for one in kept)
        if len(kept) >= MOST_PARTS or part.size > room:
            raise InvalidRequest(
                f"The parts of the upload are more than {MOST_PARTS}, or hold more than twice the "
                f"{upload.bytes} bytes that it was announced with.",
                param="data",
                code="upload_too_large",
            )
        id_ = part_id(part.size, self._resources.rng)
        data = await asyncio.to_thread(lambda: part.data)
        await self._files.add_part(resource, upload.file_id, id_, data)
        return Answer.plain(
            indented(
                {
                    "id": id_,
                    "object": "upload.part",
                    "created_at": int(self._resources.now()),
                    "upload_id": upload.id,
                }
            )
        )


def _checked(file: File) -> File:
    if not 1 <= file.size <= MOST_PART_BYTES:
        raise InvalidRequest(
            f"The part has {file.size} bytes; parts have 1 to {MOST_PART_BYTES}.",
            param="data",
            code="invalid_value",
        )
    return file
