"""Every path that no operation has: a 404 in generate mode, and forwarded as it is in the others."""

from simulator.errors import ResourceNotFound
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Call, Operation, Target


class Unknown(Operation[None]):
    name = "unknown"
    routes = ()

    def parse(self, target: Target) -> None:
        del target

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        raise ResourceNotFound
