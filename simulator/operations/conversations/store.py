"""The store of conversations: for ninety days, seen by every instance."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from simulator.errors import InvalidRequest, ItemNotFound
from simulator.operations.day_folders import DayFolders, Sweep
from simulator.operations.stores import ReportingContainer, decoded
from simulator.storage.container import Container

FOLDER = ".conversations/"
RETENTION = 90 * 86_400.0
"""Seconds that a conversation is kept from when it was made."""
MOST_ITEMS = 10_000
MOST_BYTES = 16 * 2**20
"""Bytes of the items of one conversation."""

_DAYS = DayFolders(FOLDER, RETENTION)
_ID = re.compile("conv_([0-9a-f]{8})[0-9a-f]{40}")
_TRIES = 5


class Pending(Struct, frozen=True):
    """Items that a response in the background adds when it is done, at `due` seconds since 1970."""

    response: str
    due: float
    items: list[Raw]


class StoredConversation(Struct, frozen=True, kw_only=True):
    """A conversation as it is stored; `resource` is the one of a fleet that alone knows it."""

    id: str
    created: int
    metadata: dict[str, object]
    items: list[Raw] = []
    pending: Pending | None = None
    resource: str = ""

    def shown(self) -> dict[str, object]:
        """Return the conversation as the API shows it."""
        return {
            "id": self.id,
            "object": "conversation",
            "created_at": self.created,
            "metadata": self.metadata,
        }

    def at(self, moment: float) -> "StoredConversation":
        """The conversation as it is at a moment: what was due by then has been added."""
        pending = self.pending
        if pending is None or moment < pending.due:
            return self
        items = [*self.items, *pending.items]
        return msgspec.structs.replace(self, items=items, pending=None)


class VersionedConversation(NamedTuple):
    """A conversation, and the ETag with which it was read."""

    conversation: StoredConversation
    etag: str


Change = Callable[[StoredConversation], StoredConversation]

_DOCUMENT = msgspec.json.Decoder(StoredConversation)


def conversation_id(now: float, rng: random.Random) -> str:
    """An id like conv_68ffe6d9b8f48193a4bfadd3f3d277450ad2d29c24eaf56b: it begins with its second."""
    digits = f"{rng.getrandbits(144):036x}"
    return f"conv_{int(now):08x}{digits[:4]}8193{digits[4:]}"


class ConversationStore:
    """Keeps conversations in a container. A container that fails is reported as `Unavailable`.

    Each change is written only if the conversation is still as it was read, so that none is lost.
    """

    def __init__(self, container: Container, now: Callable[[], float]) -> None:
        self._container = ReportingContainer(container, "conversations")
        self._now = now
        self._sweep = Sweep(self._container, _DAYS, now)

    async def add(self, conversation: StoredConversation) -> None:
        check_room(conversation)
        await self._container.put(_name(conversation.id) or "", msgspec.json.encode(conversation))
        await self._sweep()

    async def get(self, identifier: str, resource: str) -> VersionedConversation:
        """Return the conversation and its ETag. Raises ItemNotFound for one that is another resource's,
        unknown, deleted or too old."""
        name = _name(identifier)
        blob = await self._container.get(name) if name else None
        now = self._now()
        found = decoded(_DOCUMENT, blob, name or "")
        known = found is not None and (found.id, found.resource) == (identifier, resource)
        if blob is None or found is None or not known or now - found.created > RETENTION:
            # The words are those of OpenAI's API (reported by users, 2025-10 to 2026-09).
            raise ItemNotFound(f"Conversation with id '{identifier[:200]}' not found.")
        return VersionedConversation(found.at(now), blob.etag)

    async def put(self, kept: VersionedConversation, changed: StoredConversation) -> bool:
        """Write what has become of a conversation; False means that it is not as it was read."""
        check_room(changed)
        data = msgspec.json.encode(changed)
        return await self._container.put_if_same(_name(changed.id) or "", data, kept.etag)

    async def change(self, identifier: str, resource: str, change: Change) -> StoredConversation:
        """The conversation after a change, which is made again if somebody was faster."""
        for _ in range(_TRIES):
            kept = await self.get(identifier, resource)
            changed = change(kept.conversation)
            if await self.put(kept, changed):
                return changed
        raise locked()

    async def delete(self, conversation: StoredConversation) -> None:
        await self._container.delete(_name(conversation.id) or "")

    async def release(self, identifier: str, resource: str, response: str) -> None:
        """Let go of what a cancelled response would have added; it may be gone by then."""

        def without(conversation: StoredConversation) -> StoredConversation:
            pending = conversation.pending
            ours = pending is not None and pending.response == response
            return msgspec.structs.replace(conversation, pending=None) if ours else conversation

        try:
            await self.change(identifier, resource, without)
        except ItemNotFound:
            return


def free(conversation: StoredConversation) -> StoredConversation:
    """Refuse a conversation that a response in the background is going to add to."""
    if conversation.pending is not None:
        raise locked()
    return conversation


def locked() -> InvalidRequest:
    """Reported by users of OpenAI's API (2025-10 to 2026-09)."""
    return InvalidRequest(
        "Another process is currently operating on this conversation. Please retry in a few seconds.",
        param="conversation",
        code="conversation_locked",
    )


def check_room(conversation: StoredConversation) -> None:
    """Refuse a conversation that has become too long; the bound is the simulator's."""
    pending = conversation.pending
    items = [*conversation.items, *(pending.items if pending else ())]
    if len(items) > MOST_ITEMS or sum(memoryview(item).nbytes for item in items) > MOST_BYTES:
        raise InvalidRequest(
            f"The conversation is too long: it has at most {MOST_ITEMS} items of "
            f"{MOST_BYTES >> 20} MB together.",
            param="conversation",
        )


def _name(identifier: str) -> str | None:
    """The name in the container, or None for what is no id."""
    found = _ID.fullmatch(identifier)
    return _DAYS.name(int(found[1], 16), identifier) if found else None
