"""`GET /`: the console for a browser, else a word that the simulator is running; it needs no key."""

import msgspec

from simulator import __version__
from simulator.management.base import BareManagementOperation
from simulator.management.console import page, wants_page
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.operations.routes import Route


class Root(BareManagementOperation):
    name = "root"
    routes = (Route("GET", ""),)
    anonymous = True

    async def answer(self, call: Call[None]) -> Answer:
        if self._control.console and wants_page(call.request):
            return page(call.request)
        body = {"message": "Azure OpenAI API Simulator is running", "version": __version__}
        return Answer.plain(msgspec.json.encode(body))
