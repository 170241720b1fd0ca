"""`/++/rules`: rules are listed, added, replaced and deleted while the simulator runs."""

from abc import abstractmethod

import msgspec

from simulator.management.base import BareManagementOperation, own_routes
from simulator.management.query import check_names
from simulator.messages import Answer
from simulator.operations.base import Call


class _RulesRoute(BareManagementOperation):
    """A route that answers with all rules as they are after what was asked for."""

    async def answer(self, call: Call[None]) -> Answer:
        await self._change(call)
        return Answer.plain(msgspec.json.encode(await self._control.rules.document()))

    @abstractmethod
    async def _change(self, call: Call[None]) -> None: ...


class ListRules(_RulesRoute):
    name = "rules"
    routes = own_routes("GET", "rules")

    async def _change(self, call: Call[None]) -> None:
        del call


class AddRules(_RulesRoute):
    name = "add_rules"
    routes = own_routes("POST", "rules")

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.add(call.request.body)


class ReplaceRules(_RulesRoute):
    name = "replace_rules"
    routes = own_routes("PUT", "rules")

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.replace(call.request.body)


class ClearRules(_RulesRoute):
    name = "clear_rules"
    routes = own_routes("DELETE", "rules")

    async def _change(self, call: Call[None]) -> None:
        check_names(call.request)
        await self._control.rules.clear()


class DeleteRule(_RulesRoute):
    name = "delete_rule"
    routes = own_routes("DELETE", "rules/{rule}")

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.delete(call.path_parameters["rule"])


class SwitchRule(_RulesRoute):
    name = "switch_rule"
    routes = own_routes("PATCH", "rules/{rule}")

    async def _change(self, call: Call[None]) -> None:
        await self._control.rules.switch(call.path_parameters["rule"], call.request.body)
