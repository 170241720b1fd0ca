"""`/++/scenario`: the clock of the fleet's timeline is shown, started and stopped."""

from abc import abstractmethod

import msgspec

from simulator.errors import InvalidRequest
from simulator.fleet.service import Fleet
from simulator.management.base import BareManagementOperation, own_routes
from simulator.messages import Answer
from simulator.operations.base import Call

_NOTHING = {"state": "stopped", "clock": 0.0, "done": 0, "next": None}


class NoFleet(InvalidRequest):
    """There is no timeline that could be started."""

    status = 409

    def __init__(self) -> None:
        super().__init__("There is no fleet: FLEET_PATH names its file.", code="no_fleet")


class ShowScenario(BareManagementOperation):
    name = "scenario"
    routes = own_routes("GET", "scenario")

    async def answer(self, call: Call[None]) -> Answer:
        del call
        fleet = self._control.fleet
        return Answer.plain(msgspec.json.encode(fleet.document() if fleet else _NOTHING))


class _ScenarioAction(BareManagementOperation):
    """A route that answers with the scenario as it is after what was asked for."""

    async def answer(self, call: Call[None]) -> Answer:
        del call
        fleet = self._control.fleet
        if fleet is None:
            raise NoFleet
        await self._act(fleet)
        return Answer.plain(msgspec.json.encode(fleet.document()))

    @abstractmethod
    async def _act(self, fleet: Fleet) -> None: ...


class StartScenario(_ScenarioAction):
    name = "start_scenario"
    routes = own_routes("POST", "scenario/start")

    async def _act(self, fleet: Fleet) -> None:
        await fleet.start()


class StopScenario(_ScenarioAction):
    name = "stop_scenario"
    routes = own_routes("POST", "scenario/stop")

    async def _act(self, fleet: Fleet) -> None:
        await fleet.stop()
