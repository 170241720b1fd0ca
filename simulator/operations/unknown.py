"""Every path that no operation has: a 404 in generate mode, and forwarded as it is in the others."""

from collections.abc import Mapping

from simulator.errors import ResourceNotFound
from simulator.latency import Tempo
from simulator.messages import Answer, Request
from simulator.operations.base import BareOperation, Call

_DEPLOYMENTS = ["openai", "deployments"]


class Unknown(BareOperation):
    name = "unknown"
    routes = ()

    def deployment_name(self, request: Request, path_parameters: Mapping[str, str]) -> str | None:
        """The deployment's name: in a path of the deployments' kind, or in the JSON body's `model`."""
        segments = request.path.strip("/").split("/", 3)
        if len(segments) > 2 and [name.lower() for name in segments[:2]] == _DEPLOYMENTS:
            return segments[2]
        return super().deployment_name(request, path_parameters)

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        raise ResourceNotFound
