"""The operations on a stored response: get it, list its input, cancel it, delete it."""

import re
from dataclasses import dataclass

import msgspec

from simulator.errors import InvalidRequest, ItemNotFound
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer, Chunk
from simulator.operations.base import Call, Operation, P, Target
from simulator.operations.conversations.store import ConversationStore
from simulator.operations.item_pages import ItemPage, item_page, number
from simulator.operations.model_checks import check_id
from simulator.operations.resources import Resources
from simulator.operations.responses.checks import check_dated
from simulator.operations.responses.ending import Endings
from simulator.operations.responses.lifecycle import body_at, events_at, under_way
from simulator.operations.responses.parameters import check_include
from simulator.operations.responses.store import ResponseStore, StoredResponse
from simulator.operations.routes import Route, resource_routes

_ONE = "responses/{response_id}"
_OBFUSCATION = re.compile(rb',"obfuscation":"[A-Za-z0-9]*"')


def _routes(method: str, below: str = "") -> tuple[Route, Route]:
    return resource_routes(method, f"{_ONE}{below}")


class _StoredOperation(Operation[P]):
    """An operation on one response, whose id is in the path."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = ResponseStore(resources.container, resources.now)
        self._conversations = ConversationStore(resources.container, resources.now)
        self._endings = Endings(resources)

    async def _find(self, target: Target) -> StoredResponse:
        identifier = _id(target)
        stored = await self._store.find(identifier, target.request.resource)
        if stored is None:
            raise ItemNotFound(f"Response with id '{identifier}' not found.")
        return stored


def _id(target: Target) -> str:
    check_dated(target.api_version)
    identifier = target.path_parameters["response_id"]
    check_id(identifier, "resp", "response_id")
    return identifier


@dataclass(frozen=True, slots=True)
class View:
    """The view of a response: whole, or (`stream`) its events numbered above `after`."""

    stream: bool
    after: int
    obfuscated: bool


class RetrieveResponse(_StoredOperation[View]):
    name = "responses_retrieve"
    routes = _routes("GET")

    def parse(self, target: Target) -> View:
        _id(target)
        check_include(target.request)
        query = target.request.query
        return View(
            query.get("stream") == "true",
            number(query.get("starting_after", "-1"), "starting_after"),
            query.get("include_obfuscation") != "false",
        )

    async def generate(self, call: Call[View], tempo: Tempo) -> Answer:
        del tempo
        stored, view, now = await self._find(call), call.parsed, self._resources.now()
        await self._endings.seen(stored)
        if not view.stream:
            return Answer.plain(indented(body_at(stored, now)))
        if not stored.background or not stored.events:
            # Microsoft's description of the protocol.
            asked = "stream" if stored.background else "background"
            raise InvalidRequest(
                f"This response cannot be streamed because it was not created with {asked}=true.",
                param="stream",
            )
        chunks = events_at(stored, now, view.after)
        if not view.obfuscated:
            chunks = tuple(Chunk(_OBFUSCATION.sub(b"", data), due) for data, due in chunks)
        return Answer.stream(chunks)


class DeleteResponse(_StoredOperation[None]):
    name = "responses_delete"
    routes = _routes("DELETE")

    def parse(self, target: Target) -> None:
        _id(target)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        stored = await self._find(call)
        if under_way(stored, self._resources.now()):
            raise InvalidRequest("Cannot delete an in-flight response.")
        await self._store.drop(stored.id)
        return Answer.plain(
            indented({"id": stored.id, "object": "response.deleted", "deleted": True})
        )


class CancelResponse(_StoredOperation[None]):
    name = "responses_cancel"
    routes = _routes("POST", "/cancel")

    def parse(self, target: Target) -> None:
        _id(target)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        stored, now = await self._find(call), self._resources.now()
        if not stored.background:
            raise InvalidRequest("Cannot cancel a synchronous response.")
        if stored.cancelled is None:
            if not under_way(stored, now):
                status = body_at(stored, now)["status"]
                article = "an" if status == "incomplete" else "a"
                raise InvalidRequest(f"Cannot cancel {article} {status} response.")
            stored = msgspec.structs.replace(stored, cancelled=now)
            await self._store.keep(stored)
            if stored.conversation:
                await self._conversations.release(stored.conversation, stored.resource, stored.id)
            await self._endings.seen(stored)
        return Answer.plain(indented(body_at(stored, now)))


class ResponseInputItems(_StoredOperation[ItemPage]):
    name = "responses_input_items"
    routes = _routes("GET", "/input_items")

    def parse(self, target: Target) -> ItemPage:
        _id(target)
        check_include(target.request)
        return item_page(target.request.query)

    async def generate(self, call: Call[ItemPage], tempo: Tempo) -> Answer:
        del tempo
        return Answer.plain(call.parsed.of((await self._find(call)).context))
