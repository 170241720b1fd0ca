"""The operations on webhook endpoints, and the list of the events that they can hear of."""

from typing import Annotated, Literal, get_args

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from simulator.errors import InvalidRequest, ItemNotFound
from simulator.json_layout import indented
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call, Operation, P, Target
from simulator.operations.item_pages import ItemPage, item_page, listed
from simulator.operations.resources import Resources
from simulator.operations.responses.parameters import decode_parameters
from simulator.operations.routes import Route
from simulator.operations.webhooks.destination import Resolver
from simulator.operations.webhooks.signing import new_secret
from simulator.operations.webhooks.store import Endpoint, WebhookStore, endpoint_id
from simulator.wire.body import Body

EventType = Literal[
    "batch.completed",
    "batch.failed",
    "batch.expired",
    "batch.cancelled",
    "response.completed",
    "response.failed",
    "response.cancelled",
    "response.incomplete",
]
EventTypes = Annotated[list[EventType], Meta(min_length=1, max_length=32)]
Name = Annotated[str, Meta(min_length=1, max_length=256)]
_ONE = "/{webhook_endpoint_id}"


class NewEndpoint(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    url: str
    event_types: EventTypes


class ChangedEndpoint(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name | UnsetType = UNSET
    url: str | UnsetType = UNSET
    event_types: EventTypes | UnsetType = UNSET


class Rotation(Struct, frozen=True, forbid_unknown_fields=True):
    keep_old_secret_active_for_24_hours: bool = False


class Trial(Struct, frozen=True, forbid_unknown_fields=True):
    event_type: EventType


_NEW, _CHANGED = Body(NewEndpoint), Body(ChangedEndpoint)
_ROTATION, _TRIAL = Body(Rotation), Body(Trial)
_DAY = 86_400.0


def _routes(method: str, below: str = "", *, of: str = "webhook_endpoints") -> tuple[Route, Route]:
    place = f"{of}{below}"
    return Route(method, f"openai/v1/{place}"), Route(method, f"openai/v1/dashboard/{place}")


class WebhookOperation(Operation[P]):
    """An operation on webhook endpoints."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = WebhookStore(resources.container, resources.now)

    async def _checked(self, url: str) -> None:
        webhooks = self._resources.webhooks
        resolver = Resolver(()) if webhooks is None else webhooks.resolver
        await resolver.resolved(url)

    async def _find(self, call: Call[P]) -> Endpoint:
        identifier = call.path_parameters["webhook_endpoint_id"]
        return await self._store.get(call.request.resource, identifier)


class CreateWebhook(WebhookOperation[NewEndpoint]):
    name = "webhook_endpoints_create"
    routes = _routes("POST")

    def parse(self, target: Target) -> NewEndpoint:
        return decode_parameters(_NEW, target.request.body)

    async def generate(self, call: Call[NewEndpoint], tempo: Tempo) -> Answer:
        del tempo
        new, now = call.parsed, self._resources.now()
        await self._checked(new.url)
        made = Endpoint(
            id=endpoint_id(now, self._resources.rng),
            created_at=int(now),
            updated_at=int(now),
            name=new.name,
            url=new.url,
            event_types=[*dict.fromkeys(new.event_types)],
            secret=new_secret(self._resources.secrets),
        )
        await self._store.add(call.request.resource, made)
        body = {**made.shown(), "signing_secret": made.secret}
        return Answer.plain(indented(body), status=201)


class ListWebhooks(WebhookOperation[ItemPage]):
    name = "webhook_endpoints_list"
    routes = _routes("GET")

    def parse(self, target: Target) -> ItemPage:
        return item_page(target.request.query, "asc")

    async def generate(self, call: Call[ItemPage], tempo: Tempo) -> Answer:
        del tempo
        page, found = call.parsed, await self._store.endpoints(call.request.resource)
        found = found[::-1] if page.descending else found
        ids = [one.id for one in found]
        if page.after:
            if page.after not in ids:
                raise ItemNotFound(f"No webhook endpoint found with id '{page.after[:200]}'.")
            found = found[ids.index(page.after) + 1 :]
        shown = found[: page.limit]
        return Answer.plain(
            listed(
                [one.shown() for one in shown],
                [one.id for one in shown],
                more=len(found) > len(shown),
            )
        )


class RetrieveWebhook(BareOperation, WebhookOperation[None]):
    name = "webhook_endpoints_retrieve"
    routes = _routes("GET", _ONE)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        return Answer.plain(indented((await self._find(call)).shown()))


class UpdateWebhook(WebhookOperation[ChangedEndpoint]):
    name = "webhook_endpoints_update"
    routes = _routes("POST", _ONE)

    def parse(self, target: Target) -> ChangedEndpoint:
        return decode_parameters(_CHANGED, target.request.body)

    async def generate(self, call: Call[ChangedEndpoint], tempo: Tempo) -> Answer:
        del tempo
        changed, found = call.parsed, await self._find(call)
        if changed.url is not UNSET:
            await self._checked(changed.url)
        members = {
            name: value for name, value in structs.asdict(changed).items() if value is not UNSET
        }
        if members:
            members["updated_at"] = int(self._resources.now())
            found = structs.replace(found, **members)
            await self._store.put(call.request.resource, found)
        return Answer.plain(indented(found.shown()))


class RotateWebhookSecret(WebhookOperation[Rotation]):
    name = "webhook_endpoints_rotate_secret"
    routes = _routes("POST", f"{_ONE}/rotate_secret")

    def parse(self, target: Target) -> Rotation:
        return decode_parameters(_ROTATION, target.request.body or b"{}")

    async def generate(self, call: Call[Rotation], tempo: Tempo) -> Answer:
        del tempo
        found, now = await self._find(call), self._resources.now()
        keeps = call.parsed.keep_old_secret_active_for_24_hours
        made = structs.replace(
            found,
            secret=new_secret(self._resources.secrets),
            old_secret=found.secret if keeps else "",
            old_until=now + _DAY if keeps else 0.0,
            updated_at=int(now),
        )
        await self._store.put(call.request.resource, made)
        return Answer.plain(indented({**made.shown(), "signing_secret": made.secret}))


class TryWebhook(WebhookOperation[Trial]):
    name = "webhook_endpoints_test"
    routes = _routes("POST", f"{_ONE}/test")

    def parse(self, target: Target) -> Trial:
        return decode_parameters(_TRIAL, target.request.body)

    async def generate(self, call: Call[Trial], tempo: Tempo) -> Answer:
        del tempo
        found, kind = await self._find(call), call.parsed.event_type
        webhooks = self._resources.webhooks
        try:
            status = 0 if webhooks is None else await webhooks.tried(found, kind)
        except (OSError, TimeoutError):
            raise InvalidRequest("The webhook endpoint did not answer.") from None
        body = {
            "object": "webhook_endpoint.test",
            "webhook_endpoint_id": found.id,
            "event_type": kind,
            "success": True,
            "status_code": status,
        }
        return Answer.plain(indented(body))


class ListEventTypes(BareOperation, WebhookOperation[None]):
    name = "webhook_event_types"
    routes = _routes("GET", of="webhook_event_types")

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        return Answer.plain(indented({"object": "list", "data": [*get_args(EventType)]}))


class DeleteWebhook(BareOperation, WebhookOperation[None]):
    name = "webhook_endpoints_delete"
    routes = _routes("DELETE", _ONE)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del tempo
        identifier = call.path_parameters["webhook_endpoint_id"]
        await self._store.delete(call.request.resource, identifier)
        body = {"id": identifier, "object": "webhook_endpoint.deleted", "deleted": True}
        return Answer.plain(indented(body))
