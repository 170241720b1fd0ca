"""The store of chat completions: for thirty days, seen by every instance."""

import re
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from simulator.errors import ItemNotFound
from simulator.operations.day_folders import DayFolders, Sweep
from simulator.operations.stores import ReportingContainer, decoded, mark_of
from simulator.storage.container import Container
from simulator.storage.several import several
from simulator.wire.ids import moment_of_chat

FOLDER = ".completions/"
RETENTION = 30 * 86_400.0
"""Seconds that a completion is kept (OpenAI's page on stored completions)."""
MOST_BYTES = 4 * 2**20
"""Bytes of a completion with its messages; a larger one is not stored."""
MOST_PAGE_BYTES = 16 * 2**20
"""Bytes of the completions of a page, but for the last of them."""
MOST_READ = 500
"""Completions that are read for one page; behind them a page ends."""

_DAYS = DayFolders(FOLDER, RETENTION)
_ID = re.compile("chatcmpl-[A-Za-z0-9]{29}")


class StoredCompletion(Struct, frozen=True, kw_only=True):
    """A completion as it is stored; `deployment` is the name under which its model was called."""

    id: str
    created: int
    deployment: str
    model: str
    body: Raw
    """The completion as it is shown, but for its metadata."""
    messages: list[Raw]
    metadata: dict[str, str]

    def shown(self) -> dict[str, object]:
        """Return the completion as the API shows it."""
        return {**_BODY.decode(self.body), "metadata": self.metadata}


class Filter(NamedTuple):
    """The completions to list: of one model or all, with these metadata."""

    model: str
    metadata: dict[str, str]

    def passes(self, completion: StoredCompletion) -> bool:
        if self.model not in ("", completion.model, completion.deployment):
            return False
        return self.metadata.items() <= completion.metadata.items()


class CompletionPage(NamedTuple):
    completions: list[StoredCompletion]
    more: bool


_DOCUMENT = msgspec.json.Decoder(StoredCompletion)
_BODY = msgspec.json.Decoder(dict[str, object])


class CompletionStore:
    """Keeps chat completions in a container. A container that fails is reported as `Unavailable`.

    A name is the day, a digest of the resource, and the id, which begins with its second: so the
    completions of a resource are listed in the order in which they were made.
    """

    def __init__(self, container: Container, now: Callable[[], float]) -> None:
        self._container = ReportingContainer(container, "completions")
        self._now = now
        self._sweep = Sweep(self._container, _DAYS, now)

    async def keep(self, resource: str, completion: StoredCompletion) -> None:
        """Store a completion, unless it is too large."""
        name, data = _name(resource, completion.id), msgspec.json.encode(completion)
        if name is None or len(data) > MOST_BYTES:
            return
        await self._container.put(name, data)
        await self._sweep()

    async def get(self, resource: str, identifier: str) -> StoredCompletion:
        """Return the stored completion. Raises ItemNotFound for one that is another resource's,
        unknown, deleted or too old."""
        name = _name(resource, identifier)
        found = None if name is None else await self._read(name)
        if found is None:
            raise ItemNotFound(f"No chat completion found with id '{identifier[:200]}'.")
        return found

    async def delete(self, resource: str, identifier: str) -> None:
        await self.get(resource, identifier)
        await self._container.delete(_name(resource, identifier) or "")

    async def page(
        self, resource: str, wanted: Filter, limit: int, *, after: str, descending: bool
    ) -> CompletionPage:
        """At most `limit` of them behind an id, which need not be there any more."""
        names, more = await self._names(resource, after, descending=descending)
        found: list[StoredCompletion] = []
        size = 0
        read = 0
        async for completion in several(names, self._read):
            read += 1
            if completion is None or not wanted.passes(completion):
                continue
            if len(found) == limit or size > MOST_PAGE_BYTES:
                return CompletionPage(found, True)
            size += memoryview(completion.body).nbytes
            found.append(msgspec.structs.replace(completion, messages=[]))
        return CompletionPage(found, more or read < len(names))

    async def _names(
        self, resource: str, after: str, *, descending: bool
    ) -> tuple[list[str], bool]:
        """The names behind an id, at most MOST_READ of them, and whether there are more."""
        own, names = f"/{mark_of(resource)}-", deque[str](maxlen=MOST_READ + 1)
        async for name in self._container.names(FOLDER):
            identifier = name.rpartition(own)[2].removesuffix(".json")
            if own not in name or (after and not _behind(identifier, after, descending)):
                continue
            names.append(name)
            if not descending and len(names) > MOST_READ:
                break
        ordered = list(names)[::-1] if descending else list(names)
        return ordered[:MOST_READ], len(ordered) > MOST_READ

    async def _read(self, name: str) -> StoredCompletion | None:
        blob = await self._container.get(name)
        found = decoded(_DOCUMENT, blob, name)
        if found is None or self._now() - found.created > RETENTION:
            return None
        return found


def _behind(identifier: str, after: str, descending: bool) -> bool:
    return identifier < after if descending else identifier > after


def _name(resource: str, identifier: str) -> str | None:
    """The name in the container, or None for what is no id."""
    if not _ID.fullmatch(identifier):
        return None
    return _DAYS.name(moment_of_chat(identifier), f"{mark_of(resource)}-{identifier}")
