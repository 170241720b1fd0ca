"""`GET /++/health` and `GET /++/ready`: whether the simulator is alive, and whether all that it
depends on can be reached. They need no key, and tell nothing that would."""

import msgspec

from simulator import __version__
from simulator.errors import Unavailable
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call
from simulator.operations.routes import Route


class Health(BareOperation):
    name = "health"
    routes = (Route("GET", "++/health"), Route("GET", "simulator/health"))
    anonymous = True
    local = True

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        return Answer.plain(msgspec.json.encode({"status": "alive", "version": __version__}))


class Ready(BareOperation):
    name = "ready"
    routes = (Route("GET", "++/ready"), Route("GET", "simulator/ready"))
    anonymous = True
    local = True

    async def generate(self, call: Call[None], tempo: Tempo) -> Answer:
        del call, tempo
        found = await self._resources.control.readiness.found()
        missing = [name for name, reached in found.items() if not reached]
        if missing:
            raise Unavailable(f"The simulator is not ready: it lacks {' and '.join(missing)}.")
        return Answer.plain(msgspec.json.encode({"status": "ready", "reached": list(found)}))
