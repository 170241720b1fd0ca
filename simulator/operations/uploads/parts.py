"""`POST …/uploads/{upload_id}/parts`: a part of an upload."""

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
"""Of one part (OpenAI's reference)."""
MOST_PARTS = 1_000
"""Parts of one upload."""


class AddUploadPart(UploadOperation[bytes]):
    name = "uploads_parts"
    routes = routes_of("parts")

    def parse(self, target: Target) -> bytes:
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

    async def generate(self, call: Call[bytes], tempo: Tempo) -> Answer:
        del tempo
        data, resource = call.parsed, call.request.resource
        upload, _ = await self._pending(call)
        kept = await self._files.parts(resource, upload.file_id)
        # A part that went wrong may be sent again.
        room = 2 * upload.bytes - sum(size_of(part) for part in kept)
        if len(kept) >= MOST_PARTS or len(data) > room:
            raise InvalidRequest(
                f"The parts of the upload are more than {MOST_PARTS}, or hold more than twice the "
                f"{upload.bytes} bytes that it was announced with.",
                param="data",
                code="upload_too_large",
            )
        part = part_id(len(data), self._resources.rng)
        await self._files.add_part(resource, upload.file_id, part, data)
        return Answer.plain(
            indented(
                {
                    "id": part,
                    "object": "upload.part",
                    "created_at": int(self._resources.now()),
                    "upload_id": upload.id,
                }
            )
        )


def _checked(file: File) -> bytes:
    if not 1 <= len(file.data) <= MOST_PART_BYTES:
        raise InvalidRequest(
            f"The part has {len(file.data)} bytes; parts have 1 to {MOST_PART_BYTES}.",
            param="data",
            code="invalid_value",
        )
    return file.data
