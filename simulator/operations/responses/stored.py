"""The operations on a stored response: get it, list its input, cancel it, delete it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct

from simulator.errors import InvalidRequest, ItemNotFound
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer, Chunk
from simulator.operations.base import Call, Operation, P, Resources, Target
from simulator.operations.responses.checks import check_dated, check_id
from simulator.operations.responses.lifecycle import body_at, events_at, under_way
from simulator.operations.responses.store import ResponseStore, StoredResponse
from simulator.operations.routes import Route

_ONE = "responses/{response_id}"
_OBFUSCATION = re.compile(rb',"obfuscation":"[A-Za-z0-9]*"')
_LIMIT, _MOST = 20, 100


def _routes(method: str, below: str = "") -> tuple[Route, Route]:
    return Route(method, f"openai/{_ONE}{below}"), Route(method, f"openai/v1/{_ONE}{below}")


class _Kept(Operation[P]):
    """An operation on one response, whose id is in the path."""

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = ResponseStore(resources.container, resources.now)

    @property
    def on_model_side(self) -> bool:
        return True

    async def _find(self, target: Target) -> StoredResponse:
        identifier = _id(target)
        stored = await self._store.find(identifier, target.request.resource)
        if stored is None:
            raise ItemNotFound(f"Response with id '{identifier}' not found.")
        return stored


def _id(target: Target) -> str:
    check_dated(target.api_version)
    identifier = target.path_parameters["response_id"]
    check_id(identifier, "response_id")
    return identifier


@dataclass(frozen=True, slots=True)
class View:
    """The view of a response: whole, or (`stream`) its events numbered above `after`."""

    stream: bool
    after: int
    obfuscated: bool


class RetrieveResponse(_Kept[View]):
    name = "responses_retrieve"
    routes = _routes("GET")

    def parse(self, target: Target) -> View:
        _id(target)
        query = target.request.query
        return View(
            query.get("stream") == "true",
            _number(query.get("starting_after", "-1"), "starting_after"),
            query.get("include_obfuscation") != "false",
        )

    async def generate(self, call: Call[View], tempo: Tempo) -> Answer:
        del tempo
        stored, view, now = await self._find(call), call.parsed, self._resources.now()
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


class DeleteResponse(_Kept[None]):
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


class CancelResponse(_Kept[None]):
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
        return Answer.plain(indented(body_at(stored, now)))


@dataclass(frozen=True, slots=True)
class Page:
    """Which items to list: at most `limit`, in one order, after or before the one of an id."""

    limit: int
    descending: bool
    after: str | None
    before: str | None


class _Identified(Struct):
    id: str


_ITEM = msgspec.json.Decoder(_Identified)


class ResponseInputItems(_Kept[Page]):
    name = "responses_input_items"
    routes = _routes("GET", "/input_items")

    def parse(self, target: Target) -> Page:
        _id(target)
        query = target.request.query
        limit = _number(query.get("limit", str(_LIMIT)), "limit")
        if not 1 <= limit <= _MOST:
            above = limit > _MOST
            raise InvalidRequest(
                f"Invalid 'limit': integer {'above maximum' if above else 'below minimum'} value. "
                f"Expected a value {f'<= {_MOST}' if above else '>= 1'}, but got {limit} instead.",
                param="limit",
                code=f"integer_{'above_max' if above else 'below_min'}_value",
            )
        order = query.get("order", "desc")
        if order not in ("asc", "desc"):
            raise InvalidRequest(
                f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'.",
                param="order",
                code="invalid_value",
            )
        return Page(limit, order == "desc", query.get("after"), query.get("before"))

    async def generate(self, call: Call[Page], tempo: Tempo) -> Answer:
        del tempo
        stored, page = await self._find(call), call.parsed
        items = stored.context[::-1] if page.descending else stored.context
        ids = [_ITEM.decode(item).id for item in items]
        start = _place(ids, page.after, "after") + 1 if page.after else 0
        end = _place(ids, page.before, "before") if page.before else len(items)
        if page.before:
            start = max(start, end - page.limit)
        shown = items[start:end][: page.limit]
        more = start > 0 if page.before else start + len(shown) < end
        return Answer.plain(_listed(shown, ids[start : start + len(shown)], more=more))


def _listed(items: Sequence[Raw], ids: Sequence[str], *, more: bool) -> bytes:
    return indented(
        {
            "object": "list",
            "data": items,
            "first_id": ids[0] if ids else None,
            "has_more": more,
            "last_id": ids[-1] if ids else None,
        }
    )


def _place(ids: Sequence[str], identifier: str, name: str) -> int:
    try:
        return ids.index(identifier)
    except ValueError:
        raise InvalidRequest(f"Item with id '{identifier}' not found.", param=name) from None


def _number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidRequest(
            f"Invalid type for '{name}': expected an integer, but got a string instead.",
            param=name,
            code="invalid_type",
        ) from None
