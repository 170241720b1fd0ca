"""The model behind a deployment: `GET /models/info`, of Azure AI Inference."""

import msgspec

from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call
from simulator.operations.routes import Route

_TYPES = {
    "chatCompletion": "chat_completion",
    "messages": "chat_completion",
    "responses": "chat_completion",
    "embeddings": "embeddings",
    "completion": "text_generation",
    "imageGenerations": "image_generation",
}


class ModelInfo(BareOperation):
    name = "model_info"
    routes = (Route("GET", "models/info"),)
    uncounted = True

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        model = call.model
        types = [kind for operation, kind in _TYPES.items() if operation in model.capabilities]
        info = {
            "model_name": model.name,
            "model_type": types[0] if types else "audio_generation",
            "model_provider_name": model.maker,
        }
        return Answer.plain(msgspec.json.encode(info), due=tempo.at(1))
