"""The operations on whole conversations: make one, get it, change its metadata, delete it."""

from typing import Annotated

from msgspec import Meta, Struct, structs

from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Target
from simulator.operations.conversations.base import (
    MOST_ADDED,
    ConversationOperation,
    check_items,
    routes,
)
from simulator.operations.conversations.store import StoredConversation, conversation_id
from simulator.operations.model_checks import check_metadata
from simulator.operations.responses.items import Item
from simulator.operations.responses.parameters import decode_parameters
from simulator.wire.body import Body

_ONE = "/{conversation_id}"


class NewConversation(Struct, frozen=True, forbid_unknown_fields=True):
    items: Annotated[list[Item], Meta(max_length=MOST_ADDED)] | None = None
    metadata: dict[str, object] | None = None


class ChangedConversation(Struct, frozen=True, forbid_unknown_fields=True):
    metadata: dict[str, object] | None


_NEW, _CHANGED = Body(NewConversation), Body(ChangedConversation)


class CreateConversation(ConversationOperation[NewConversation]):
    name = "conversations_create"
    routes = routes("POST")

    def parse(self, target: Target) -> NewConversation:
        new = decode_parameters(_NEW, target.request.body or b"{}")
        check_metadata(new.metadata or {})
        check_items(new.items or [])
        return new

    async def generate(self, call: Call[NewConversation], tempo: Tempo) -> Answer:
        del tempo
        new, resource, now = call.parsed, call.request.resource, self._resources.now()
        made = StoredConversation(
            id=conversation_id(now, self._resources.secrets),
            created=int(now),
            metadata=new.metadata or {},
            items=await self._reader.kept(new.items or [], resource),
            resource=resource,
        )
        await self._store.add(made)
        return Answer.plain(indented(made.shown()))


class RetrieveConversation(ConversationOperation[None]):
    name = "conversations_retrieve"
    routes = routes("GET", _ONE)

    def parse(self, target: Target) -> None:
        self._id(target)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        return Answer.plain(indented((await self._find(call)).shown()))


class UpdateConversation(ConversationOperation[ChangedConversation]):
    name = "conversations_update"
    routes = routes("POST", _ONE)

    def parse(self, target: Target) -> ChangedConversation:
        self._id(target)
        changed = decode_parameters(_CHANGED, target.request.body)
        check_metadata(changed.metadata or {})
        return changed

    async def generate(self, call: Call[ChangedConversation], tempo: Tempo) -> Answer:
        del tempo
        metadata = call.parsed.metadata or {}
        changed = await self._store.change(
            self._id(call),
            call.request.resource,
            lambda conversation: structs.replace(conversation, metadata=metadata),
        )
        return Answer.plain(indented(changed.shown()))


class DeleteConversation(ConversationOperation[None]):
    name = "conversations_delete"
    routes = routes("DELETE", _ONE)

    def parse(self, target: Target) -> None:
        self._id(target)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        found = await self._find(call)
        await self._store.delete(found)
        body = {"id": found.id, "object": "conversation.deleted", "deleted": True}
        return Answer.plain(indented(body))
