"""The base of the simulator's own routes."""

from abc import abstractmethod
from typing import Generic

from simulator.authentication.caller import ADMINS, READERS, Role
from simulator.latency import Tempo
from simulator.management.control import Control
from simulator.messages import Answer
from simulator.operations.base import BareOperation, Call, Operation, P
from simulator.operations.routes import Route

_NOT_CACHED = {"cache-control": "no-store"}


def own_routes(method: str, path: str) -> tuple[Route, Route]:
    """Return the route of an own operation and its alias, for gateways and front ends that do not let a
    plus pass as it is."""
    return Route(method, f"++/{path}"), Route(method, f"simulator/{path}")


class ManagementOperation(Operation[P], Generic[P]):
    """A route of the simulator itself, the same in every mode. It acts on `Control`."""

    local = True

    def __init__(self, control: Control) -> None:
        self._control = control

    def permits(self, role: Role) -> bool:
        """Readers may do what only reads."""
        reads = all(route.method == "GET" for route in self.routes)
        return role in (READERS if reads else ADMINS)

    async def generate(self, call: Call[P], tempo: Tempo) -> Answer:
        """Answer at once, whatever the latency of operations is; no cache keeps it."""
        del tempo
        return (await self.answer(call)).with_headers(_NOT_CACHED)

    @abstractmethod
    async def answer(self, call: Call[P]) -> Answer: ...


class BareManagementOperation(BareOperation, ManagementOperation[None]):
    """A route of the simulator that reads no body."""
