"""`GET /++/health` and `GET /++/ready`: whether the simulator is alive, and whether all that it
depends on can be reached. They need no key, and show nothing that would."""

import msgspec

from simulator import __version__
from simulator.errors import Unavailable
from simulator.management.base import BareManagementOperation, own_routes
from simulator.messages import Answer
from simulator.operations.base import Call


class Health(BareManagementOperation):
    name = "health"
    routes = own_routes("GET", "health")
    anonymous = True

    async def answer(self, call: Call[None]) -> Answer:
        del call
        return Answer.plain(msgspec.json.encode({"status": "alive", "version": __version__}))


class Ready(BareManagementOperation):
    name = "ready"
    routes = own_routes("GET", "ready")
    anonymous = True

    async def answer(self, call: Call[None]) -> Answer:
        del call
        found = await self._control.readiness.found()
        missing = [name for name, reached in found.items() if not reached]
        if missing:
            raise Unavailable(f"The simulator is not ready: it lacks {' and '.join(missing)}.")
        document: dict[str, object] = {"status": "ready", "reached": list(found)}
        if self._control.presence is not None:
            await self._control.presence.recount()
            document["instances"] = self._control.presence.standing.instances
        return Answer.plain(msgspec.json.encode(document))
