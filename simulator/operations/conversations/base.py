"""The common ground of the operations on conversations."""

from simulator.operations.base import Call, Operation, P, Target
from simulator.operations.conversations.store import ConversationStore, StoredConversation
from simulator.operations.model_checks import check_id
from simulator.operations.resources import Resources
from simulator.operations.responses.item_checks import check_item
from simulator.operations.responses.items import Item
from simulator.operations.responses.reading import RequestReader
from simulator.operations.routes import Route

MOST_ADDED = 20
"""Items that one request may add (OpenAI's reference)."""


def routes(method: str, below: str = "") -> tuple[Route]:
    return (Route(method, f"openai/v1/conversations{below}"),)


class ConversationOperation(Operation[P]):
    """An operation on conversations."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = ConversationStore(resources.container, resources.now)
        self._reader = RequestReader(resources)

    def _id(self, target: Target) -> str:
        """The id in the path; raises InvalidRequest for what is none."""
        identifier = target.path_parameters["conversation_id"]
        check_id(identifier, "conv", "conversation_id")
        return identifier

    async def _find(self, call: Call[P]) -> StoredConversation:
        found = await self._store.get(self._id(call), call.request.resource)
        return found.conversation


def check_items(items: list[Item]) -> None:
    for index, item in enumerate(items):
        check_item(item, f"items[{index}]")
