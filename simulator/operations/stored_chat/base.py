"""The common ground of the operations on stored chat completions."""

from simulator.operations.base import Call, Operation, P
from simulator.operations.resources import Resources
from simulator.operations.routes import Route, resource_routes
from simulator.operations.stored_chat.store import CompletionStore, StoredCompletion

ONE = "/{completion_id}"


def routes(method: str, below: str = "") -> tuple[Route, Route]:
    return resource_routes(method, f"chat/completions{below}")


class StoredChatOperation(Operation[P]):
    """An operation on stored chat completions."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = CompletionStore(resources.container, resources.now)

    async def _find(self, call: Call[P]) -> StoredCompletion:
        return await self._store.get(call.request.resource, call.path_parameters["completion_id"])
