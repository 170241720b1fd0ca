"""The deployments of a project of Foundry: `GET /api/projects/{project}/deployments`, and one of them."""

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

import msgspec

from simulator.catalogue.deployments import Deployment, Deployments
from simulator.catalogue.models import Model
from simulator.errors import ProjectDeploymentNotFound
from simulator.latency import Tempo
from simulator.messages import Answer, Request
from simulator.operations.base import BareOperation, Call
from simulator.operations.routes import Route
from simulator.wire.origin import base_of

MOST = 1_000
"""Deployments on one page."""
_ALL = "api/projects/{project}/deployments"
_TYPE = "ModelDeployment"
_CHATS = frozenset({"chatCompletion", "responses", "messages"})


class _ProjectOperation(BareOperation):
    def _deployments(self, request: Request) -> Deployments:
        """Any project has the deployments of the resource that is asked."""
        return self._resources.own_requests.pipeline.deployments(request.resource)


class ProjectDeployments(_ProjectOperation):
    name = "project_deployments"
    routes = (Route("GET", _ALL),)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        """Answer with those that the caller may call and that the query asks for, by their names."""
        found = list(islice(_asked(call, self._deployments(call.request)), MOST + 1))
        page: dict[str, object] = {"value": [_shown(one) for one in found[:MOST]]}
        if len(found) > MOST:
            page["nextLink"] = _link(call.request, found[MOST - 1].name)
        return Answer.plain(msgspec.json.encode(page), due=tempo.at(1))


class ProjectDeployment(_ProjectOperation):
    name = "project_deployment"
    routes = (Route("GET", f"{_ALL}/{{deployment}}"),)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        name = call.path_parameters["deployment"]
        deployment = self._deployments(call.request).get(name)
        if deployment is None:
            raise ProjectDeploymentNotFound(name)
        return Answer.plain(msgspec.json.encode(_shown(deployment)), due=tempo.at(1))


def _asked(call: Call[None], deployments: Deployments) -> Iterator[Deployment]:
    """The deployments after the page before, of the publisher, model and type that are asked for."""
    query, known = call.request.query, deployments.known
    if query.get("deploymentType", _TYPE) != _TYPE:
        return
    after = query.get("after", "")
    for name in sorted(name for name in known if name > after and call.caller.may_call(name)):
        model = known[name].model
        publisher, named = query.get("modelPublisher", model.maker), query.get("modelName")
        if publisher == model.maker and named in (None, model.name):
            yield known[name]


def _link(request: Request, last: str) -> str:
    """The address of the next page."""
    kept = [pair for pair in request.query_pairs if pair[0] != "after"]
    return f"{base_of(request)}{request.path}?{urlencode([*kept, ('after', last)])}"


def _shown(deployment: Deployment) -> dict[str, object]:
    """The members that users of Azure have published (2026); those of `sku` are two of the documented."""
    model = deployment.model
    return {
        "name": deployment.name,
        "type": _TYPE,
        "modelName": model.name,
        "modelVersion": model.version,
        "modelPublisher": model.maker,
        "capabilities": _capabilities(model),
        "sku": {"name": deployment.sku, "capacity": _capacity(deployment)},
    }


def _capabilities(model: Model) -> dict[str, str]:
    """Three names are all that a resource with 18 deployments showed; images have none (2026-10)."""
    can = model.capabilities
    if "embeddings" in can:
        return {"embeddings": "true"}
    chats, completes = bool(can & _CHATS), "completion" in can
    if not chats and not completes:
        return {}
    return {"chat_completion": _word(chats), "completion": _word(completes)}


def _word(true: bool) -> str:
    return "true" if true else "false"


def _capacity(deployment: Deployment) -> int:
    """The units in which Azure deploys: PTUs, thousands of tokens, else requests; 1 without a limit."""
    if deployment.ptu is not None:
        return deployment.ptu
    tokens = deployment.tokens_per_minute or deployment.enqueued_tokens
    if tokens is not None:
        return max(1, tokens // 1000)
    return deployment.requests_per_minute or 1
