"""Adds what a response answers, and what it puts out, to the conversation that it belongs to."""

from collections.abc import Sequence

from msgspec import Raw, structs

from simulator.operations.conversations.store import (
    ConversationStore,
    Pending,
    VersionedConversation,
    locked,
)
from simulator.operations.resources import Resources
from simulator.operations.responses.lifecycle import output_at
from simulator.operations.responses.store import StoredResponse


class Turns:
    """Adds turns at once, or (of a response in the background) for the moment when it is done."""

    def __init__(self, resources: Resources) -> None:
        self._store = ConversationStore(resources.container, resources.now)

    async def add(
        self, kept: VersionedConversation, response: StoredResponse, new: Sequence[Raw]
    ) -> None:
        """Add the new items that a response answers, and its output. Raises InvalidRequest if the
        conversation is not as it was read."""
        conversation = kept.conversation
        turn = [*new, *output_at(response, response.finished)]
        if response.background:
            pending = Pending(response.id, response.finished, turn)
            changed = structs.replace(conversation, pending=pending)
        else:
            changed = structs.replace(conversation, items=[*conversation.items, *turn])
        if not await self._store.put(kept, changed):
            raise locked()
