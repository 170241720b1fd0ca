"""The base of the operations on uploads."""

from simulator.errors import InvalidRequest, ItemNotFound
from simulator.json_layout import indented
from simulator.messages import Answer
from simulator.operations.base import Call, Operation, P
from simulator.operations.files.store import FileStore, StoredFile
from simulator.operations.resources import Resources
from simulator.operations.routes import Route, resource_routes
from simulator.operations.uploads.store import StoredUpload, UploadStore


def routes_of(below: str = "") -> tuple[Route, Route]:
    """The routes of an operation, which are all posted to."""
    return resource_routes("POST", f"uploads{below and '/{upload_id}/'}{below}")


class UploadOperation(Operation[P]):
    """An operation on uploads."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._files = FileStore(resources.container, resources.now)
        self._store = UploadStore(resources.container)

    async def _pending(self, call: Call[P]) -> tuple[StoredUpload, str]:
        """The upload of the path with its ETag, which has to be under way."""
        identifier = call.path_parameters["upload_id"]
        found = await self._store.find(call.request.resource, identifier)
        if found is None:
            raise ItemNotFound(f"No such Upload object: {identifier[:200]}", param="upload_id")
        status = found[0].status_at(self._resources.now())
        if status != "pending":
            raise InvalidRequest(f"The upload {identifier} is {status}.", param="upload_id")
        return found

    def _shown(self, upload: StoredUpload, file: StoredFile | None = None) -> Answer:
        return Answer.plain(
            indented(
                {
                    "id": upload.id,
                    "object": "upload",
                    "bytes": upload.bytes,
                    "created_at": upload.created_at,
                    "filename": upload.filename,
                    "purpose": upload.purpose,
                    "status": upload.status_at(self._resources.now()),
                    "expires_at": upload.expires_at,
                    "file": None if file is None else file.shown(),
                }
            )
        )
