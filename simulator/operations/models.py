"""Model discovery: `GET …/models` and `GET …/models/{model}`, the models offered, not the deployments."""

from collections.abc import Callable, Iterator

import msgspec

from simulator.catalogue.models import Model, UnknownModel, all_models, find_model
from simulator.errors import ModelNotFound
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call, Operation, Target
from simulator.operations.routes import Route


class Models(BareOperation):
    name = "models"
    routes = (Route("GET", "openai/models"), Route("GET", "openai/v1/models"))

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        describe = _describer(call)
        data = [describe(model, listed_as) for model, listed_as in _listed()]
        return Answer.plain(msgspec.json.encode({"data": data, "object": "list"}), due=tempo.at(1))


class OneModel(Operation[tuple[Model, str]]):
    name = "model"
    routes = (Route("GET", "openai/models/{model}"), Route("GET", "openai/v1/models/{model}"))

    def parse(self, target: Target) -> tuple[Model, str]:
        asked = target.path_parameters["model"]
        spelled = asked.strip().lower()
        for model, listed_as in _listed():
            if listed_as == spelled:
                return model, listed_as
        try:
            model = find_model(asked)
        except UnknownModel:
            raise ModelNotFound(asked) from None
        return model, model.name

    async def generate(self, call: Call[tuple[Model, str]], tempo: Tempo) -> Answer:
        model, listed_as = call.parsed
        return Answer.plain(
            msgspec.json.encode(_describer(call)(model, listed_as)), due=tempo.at(1)
        )


def _listed() -> Iterator[tuple[Model, str]]:
    """Each model under its bare name in its default version, and each version under its own id."""
    seen: set[str] = set()
    for model in all_models():
        if model.name not in seen:
            seen.add(model.name)
            yield model, model.name
        yield model, f"{model.name}-{model.version.lower()}"


Describe = Callable[[Model, str], dict[str, object]]


def _describer(call: Target) -> Describe:
    return _plain if call.request.path.startswith("/openai/v1/") else _detailed


def _plain(model: Model, listed_as: str) -> dict[str, object]:
    """OpenAPI document of v1."""
    return {"id": listed_as, "created": model.created, "object": "model", "owned_by": "openai"}


def _detailed(model: Model, listed_as: str) -> dict[str, object]:
    """Microsoft's authoring API; live items carry `updated_at` too."""
    capabilities = model.capabilities
    return {
        "status": "succeeded",
        "capabilities": {
            "fine_tune": False,
            "inference": True,
            "completion": "completion" in capabilities,
            "chat_completion": "chatCompletion" in capabilities,
            "embeddings": "embeddings" in capabilities,
        },
        "lifecycle_status": model.lifecycle,
        "deprecation": {"inference": model.inference_ends},
        "id": listed_as,
        "created_at": model.created,
        "updated_at": model.created,
        "object": "model",
    }
