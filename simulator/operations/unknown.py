"""Every path that no operation has: a 404 in generate mode, and forwarded as it is in the others."""

from simulator.errors import ResourceNotFound
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call


class Unknown(BareOperation):
    name = "unknown"
    routes = ()

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        raise ResourceNotFound
