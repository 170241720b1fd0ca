"""`GET /`: the simulator says that it is running; the one route that needs no key."""

import msgspec

from simulator import __version__
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call
from simulator.operations.routes import Route


class Root(BareOperation):
    name = "root"
    routes = (Route("GET", ""),)
    anonymous = True
    local = True

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        body = {"message": "Azure OpenAI API Simulator is running", "version": __version__}
        return Answer.plain(msgspec.json.encode(body))
