"""`/++/rules`: rules are listed, added, replaced and deleted while the simulator runs."""

from abc import abstractmethod

import msgspec

from simulator.management.base import BareManagementOperation
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.operations.routes import Route


class _RulesRoute(BareManagementOperation):
    """Each answers the document of all rules, as it is after what was asked for."""

    async def answer(self, call: Call[None]) -> Answer:
        await self._change(call)
        return Answer.plain(msgspec.json.encode(await self._control.rules.document()))

    @abstractmethod
    async def _change(self, call: Call[None]) -> None: ...


class ListRules(_RulesRoute):
    name = "rules"
    routes = (Route("GET", "++/rules"), Route("GET", "simulator/rules"))

    async def _change(self, call: Call[None]) -> None:
        del call


class AddRules(_RulesRoute):
    name = "add_rules"
    routes = (Route("POST", "++/rules"), Route("POST", "simulator/rules"))

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.add(call.request.body)


class ReplaceRules(_RulesRoute):
    name = "replace_rules"
    routes = (Route("PUT", "++/rules"), Route("PUT", "simulator/rules"))

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.replace(call.request.body)


class ClearRules(_RulesRoute):
    name = "clear_rules"
    routes = (Route("DELETE", "++/rules"), Route("DELETE", "simulator/rules"))

    async def _change(self, call: Call[None]) -> None:
        del call
        await self._control.rules.clear()


class DeleteRule(_RulesRoute):
    name = "delete_rule"
    routes = (Route("DELETE", "++/rules/{rule}"), Route("DELETE", "simulator/rules/{rule}"))

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.delete(call.path_parameters["rule"])


class SwitchRule(_RulesRoute):
    name = "switch_rule"
    routes = (Route("PATCH", "++/rules/{rule}"), Route("PATCH", "simulator/rules/{rule}"))

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.switch(call.path_parameters["rule"], call.request.body)
