"""`GET /`: the simulator says that it is running; the one route that needs no key."""

import msgspec

from simulator import __version__
from simulator.management.base import BareManagementOperation
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.operations.routes import Route


class Root(BareManagementOperation):
    name = "root"
    routes = (Route("GET", ""),)
    anonymous = True

    async def answer(self, call: Call[None]) -> Answer:
        del call
        body = {"message": "Azure OpenAI API Simulator is running", "version": __version__}
        return Answer.plain(msgspec.json.encode(body))
