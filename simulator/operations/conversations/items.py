"""The operations on the items of a conversation: list them, add some, get one, delete one."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, structs

from simulator.errors import ItemNotFound
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
from simulator.operations.conversations.store import StoredConversation, free
from simulator.operations.item_pages import ItemPage, item_page, listed
from simulator.operations.responses.items import Item
from simulator.operations.responses.parameters import Include, check_include, decode_parameters
from simulator.wire.body import Body

_ALL = "/{conversation_id}/items"
_ONE = "/{conversation_id}/items/{item_id}"


class NewItems(Struct, frozen=True, forbid_unknown_fields=True):
    items: Annotated[list[Item], Meta(min_length=1, max_length=MOST_ADDED)]
    include: list[Include] | None = None


class _Identified(Struct):
    id: str


_NEW = Body(NewItems)
_ITEM = msgspec.json.Decoder(_Identified)


class ListConversationItems(ConversationOperation[ItemPage]):
    name = "conversation_items_list"
    routes = routes("GET", _ALL)

    def parse(self, target: Target) -> ItemPage:
        self._id(target)
        check_include(target.request)
        return item_page(target.request.query)

    async def generate(self, call: Call[ItemPage], tempo: Tempo) -> Answer:
        del tempo
        return Answer.plain(call.parsed.of((await self._find(call)).items))


class AddConversationItems(ConversationOperation[NewItems]):
    name = "conversation_items_create"
    routes = routes("POST", _ALL)

    def parse(self, target: Target) -> NewItems:
        self._id(target)
        check_include(target.request)
        new = decode_parameters(_NEW, target.request.body)
        check_items(new.items)
        return new

    async def generate(self, call: Call[NewItems], tempo: Tempo) -> Answer:
        del tempo
        resource = call.request.resource
        found = await self._find(call)
        added = await self._reader.kept(call.parsed.items, resource, within=found.items)

        def longer(conversation: StoredConversation) -> StoredConversation:
            items = [*free(conversation).items, *added]
            return structs.replace(conversation, items=items)

        await self._store.change(found.id, resource, longer)
        ids = [_ITEM.decode(item).id for item in added]
        return Answer.plain(listed(added, ids, more=False))


class RetrieveConversationItem(ConversationOperation[None]):
    name = "conversation_items_retrieve"
    routes = routes("GET", _ONE)

    def parse(self, target: Target) -> None:
        self._id(target)
        check_include(target.request)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        items = (await self._find(call)).items
        return Answer.plain(indented(items[_place(items, call.path_parameters["item_id"])]))


class DeleteConversationItem(ConversationOperation[None]):
    """Answers with the conversation that the item was taken from."""

    name = "conversation_items_delete"
    routes = routes("DELETE", _ONE)

    def parse(self, target: Target) -> None:
        self._id(target)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo

        def shorter(conversation: StoredConversation) -> StoredConversation:
            items = free(conversation).items
            place = _place(items, call.path_parameters["item_id"])
            return structs.replace(conversation, items=items[:place] + items[place + 1 :])

        changed = await self._store.change(self._id(call), call.request.resource, shorter)
        return Answer.plain(indented(changed.shown()))


def _place(items: list[Raw], identifier: str) -> int:
    for place, item in enumerate(items):
        if _ITEM.decode(item).id == identifier:
            return place
    raise ItemNotFound(f"Item with id '{identifier[:200]}' not found.")
