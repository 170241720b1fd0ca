"""The operations on stored chat completions: list them, get one, change its metadata, delete it."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, structs

from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call, Target
from simulator.operations.item_pages import ItemPage, item_page, listed
from simulator.operations.model_checks import check_metadata
from simulator.operations.stored_chat.base import ONE, StoredChatOperation, routes
from simulator.operations.stored_chat.store import Filter
from simulator.wire.body import Body

_MEMBER = re.compile(r"metadata\[(.+)\]")


class ChangedCompletion(Struct, frozen=True, forbid_unknown_fields=True):
    metadata: dict[str, str] | None


_CHANGED = Body(ChangedCompletion)


class Wanted(NamedTuple):
    page: ItemPage
    filter: Filter


class ListStoredChat(StoredChatOperation[Wanted]):
    name = "stored_chat_list"
    routes = routes("GET")

    def parse(self, target: Target) -> Wanted:
        query = target.request.query
        return Wanted(item_page(query, "asc"), Filter(query.get("model", ""), _metadata(query)))

    async def generate(self, call: Call[Wanted], tempo: Tempo) -> Answer:
        del tempo
        page, wanted = call.parsed
        found, more = await self._store.page(
            call.request.resource,
            wanted,
            page.limit,
            after=page.after or "",
            descending=page.descending,
        )
        ids = [completion.id for completion in found]
        shown = [completion.shown() for completion in found]
        return Answer.plain(listed(shown, ids, more=more))


class RetrieveStoredChat(BareOperation, StoredChatOperation[None]):
    name = "stored_chat_retrieve"
    routes = routes("GET", ONE)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        return Answer.plain(indented((await self._find(call)).shown()))


class StoredChatMessages(StoredChatOperation[ItemPage]):
    name = "stored_chat_messages"
    routes = routes("GET", f"{ONE}/messages")

    def parse(self, target: Target) -> ItemPage:
        return item_page(target.request.query, "asc")

    async def generate(self, call: Call[ItemPage], tempo: Tempo) -> Answer:
        del tempo
        return Answer.plain(call.parsed.of((await self._find(call)).messages))


class UpdateStoredChat(StoredChatOperation[ChangedCompletion]):
    name = "stored_chat_update"
    routes = routes("POST", ONE)

    def parse(self, target: Target) -> ChangedCompletion:
        changed = _CHANGED.decode(target.request.body)
        check_metadata(changed.metadata or {})
        return changed

    async def generate(self, call: Call[ChangedCompletion], tempo: Tempo) -> Answer:
        del tempo
        found = await self._find(call)
        changed = structs.replace(found, metadata=call.parsed.metadata or {})
        await self._store.keep(call.request.resource, changed)
        return Answer.plain(indented(changed.shown()))


class DeleteStoredChat(BareOperation, StoredChatOperation[None]):
    name = "stored_chat_delete"
    routes = routes("DELETE", ONE)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        identifier = call.path_parameters["completion_id"]
        await self._store.delete(call.request.resource, identifier)
        body = {"object": "chat.completion.deleted", "id": identifier, "deleted": True}
        return Answer.plain(indented(body))


def _metadata(query: Mapping[str, str]) -> dict[str, str]:
    """The pairs of `metadata[key]=value`."""
    return {found[1]: value for name, value in query.items() if (found := _MEMBER.fullmatch(name))}
