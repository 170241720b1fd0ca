"""The operations on one uploaded file: get it, read it, delete it."""

from collections.abc import AsyncIterator

from simulator.errors import ItemNotFound
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer, Chunk
from simulator.operations.base import BareOperation, Call
from simulator.operations.files.base import FILE_TYPE, FileOperation
from simulator.operations.files.store import StoredFile
from simulator.operations.routes import Route, resource_routes

_BYTES = "application/octet-stream"
_ONE = "files/{file_id}"


def _routes(method: str, below: str = "") -> tuple[Route, Route]:
    return resource_routes(method, f"{_ONE}{below}")


def missing_file(identifier: str) -> ItemNotFound:
    """The words are those of OpenAI's API."""
    return ItemNotFound(f"No such File object: {identifier}", param="id")


class _OneFile(BareOperation, FileOperation[None]):
    """An operation on the file whose id is in the path."""

    async def _find(self, call: Call[None]) -> StoredFile:
        identifier = call.path_parameters["file_id"]
        stored = await self._store.find(call.request.resource, identifier)
        if stored is None:
            raise missing_file(identifier)
        return stored


class RetrieveFile(_OneFile):
    name = "files_retrieve"
    routes = _routes("GET")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        shown = (await self._find(call)).shown()
        return Answer.plain(indented(shown), content_type=FILE_TYPE)


class FileContent(_OneFile):
    name = "files_content"
    routes = _routes("GET", "/content")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        stored = await self._find(call)
        if stored.parts is None:
            data = await self._store.content(call.request.resource, stored)
            if data is None:
                raise missing_file(stored.id)
            return Answer.plain(data, content_type=_BYTES)
        pieces = self._store.pieces(call.request.resource, stored)
        try:
            first = await anext(pieces, b"")
        except LookupError:
            raise missing_file(stored.id) from None
        return Answer(200, _chunks(first, pieces), _BYTES)


async def _chunks(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[Chunk]:
    yield Chunk(first)
    async for piece in others:
        yield Chunk(piece)


class DeleteFile(_OneFile):
    name = "files_delete"
    routes = _routes("DELETE")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        stored = await self._find(call)
        if not await self._store.drop(call.request.resource, stored):
            raise missing_file(stored.id)
        body = indented({"object": "file", "deleted": True, "id": stored.id})
        return Answer.plain(body, content_type=FILE_TYPE)
