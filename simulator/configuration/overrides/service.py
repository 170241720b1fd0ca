"""The configuration at run time: that of the start, with the changes that all instances share."""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.configuration.overrides.blob import (
    NAME,
    NOTHING_KEPT,
    StoredOverrides,
    UnreadableError,
    read_kept,
    write_kept,
)
from simulator.configuration.overrides.document import KeptIn, document_of, encoded, etag_of
from simulator.configuration.overrides.errors import ChangesUnusable, SomebodyWasFaster
from simulator.configuration.overrides.follower import Follower
from simulator.configuration.overrides.patch import (
    NO_CHANGES,
    Configuration,
    Overrides,
    Patch,
    check_repeated,
    configured,
    patched,
)
from simulator.configuration.overrides.refresh import Refresher, RefreshPolicy
from simulator.configuration.overrides.state import State
from simulator.errors import InvalidRequest, Unavailable
from simulator.storage.container import Blob, Container, StorageError

logger = logging.getLogger(__name__)

# Others change the configuration seldom: who comes too late so often meets a fault, not a crowd.
_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class OverridesLocation:
    """The container of the overrides, and its kind. `deployments` is the name of the blob there
    that holds the deployments; "" if they were read at the start.
    """

    container: Container
    kind: KeptIn
    deployments: str = ""


@dataclass(frozen=True, slots=True)
class Author:
    """Who wants a change, in a few words, and the ETags one of which the document must still have."""

    name: str
    if_match: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The configuration as clients see it."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class _Revision:
    """A revision of the overrides and its names; `forgiving` if unreadable overrides may be
    replaced.
    """

    revise: Callable[[Overrides], Overrides]
    names: tuple[str, ...]
    forgiving: bool = False


class RunTimeConfiguration:
    """Makes changes, and follows those of other instances. `clock` never goes back, `now` is the time
    of day, both in seconds; `apply` is called with each configuration that comes into force."""

    def __init__(
        self,
        start: Configuration,
        keeping: OverridesLocation,
        apply: Callable[[Configuration], None],
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
        pace: RefreshPolicy | None = None,
    ) -> None:
        name = keeping.deployments
        lacking = f"The deployments have not been read from {name} yet." if name else ""
        self._state = State(start, apply, lacking)
        self._keeping = keeping
        self._follower = Follower(self._state, keeping.container, name)
        self._pace = pace or RefreshPolicy()
        self._looks = Refresher(self._look, clock, self._pace)
        if keeping.kind == "memory":  # where nobody else writes
            self._looks.due = math.inf
        self._now = now
        self._turn = asyncio.Lock()

    @property
    def current(self) -> Configuration:
        return self._state.current

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return -math.inf if self._state.lacking else self._looks.due

    async def fresh(self) -> None:
        """Lets no change of another instance that is 5 seconds old stay unknown.

        Raises `Unavailable` until the deployments have been read for the first time.
        """
        await self._looks.fresh()
        if self._state.lacking:
            raise Unavailable(self._state.lacking)

    async def document(self) -> Document:
        """Return the newest configuration, or the one in force here if the store is unreachable."""
        try:
            await asyncio.wait_for(self._look(), self._pace.patience)
        except (StorageError, TimeoutError) as error:
            logger.warning("the configuration known here is shown, its store is away: %s", error)
        return self._shown(self.current)

    async def change(self, patch: Patch, author: Author) -> Document:
        """Store and apply the change, and return the configuration after it.

        Raises `InvalidRequest`, `SomebodyWasFaster`, `ChangesUnusable` or `Unavailable`: then
        nothing was changed.
        """
        check_repeated(patch, document_of(self.current, self._keeping.kind))

        def revise(changes: Overrides) -> Overrides:
            return patched(self._state.start, changes, patch)

        return await self._rewrite(_Revision(revise, patch.names), author)

    async def reset(self, author: Author) -> Document:
        """Return to the configuration of the start; raises as `change`."""
        revision = _Revision(lambda _: NO_CHANGES, ("everything back",), forgiving=True)
        return await self._rewrite(revision, author)

    async def _look(self) -> None:
        async with self._turn:
            await self._follower.look()

    async def _rewrite(self, revision: _Revision, author: Author) -> Document:
        async with self._turn:
            try:
                for _ in range(_ATTEMPTS):
                    if await self._rewritten(revision, author):
                        return self._shown(self.current)
            except StorageError as error:
                raise Unavailable(
                    f"The change cannot be kept, and was not made: {error}"
                ) from error
        raise Unavailable("Others keep changing the configuration, and nothing was changed.")

    async def _rewritten(self, revision: _Revision, author: Author) -> bool:
        """Return False if somebody else has just changed something, and nothing was written."""
        before = await self._keeping.container.get(NAME)
        kept = self._understood(before, forgiving=revision.forgiving)
        self._check_match(kept, author)
        after = StoredOverrides(
            changed_at=datetime.fromtimestamp(self._now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            changed_by=author.name,
            changed=revision.names,
            changes=revision.revise(kept.changes),
        )
        written = await write_kept(self._keeping.container, after, before)
        if written:
            self._state.put_changes(after)
        return written

    def _understood(self, blob: Blob | None, *, forgiving: bool) -> StoredOverrides:
        try:
            kept = read_kept(blob)
            configured(self._state.start, kept.changes)
        except (UnreadableError, InvalidRequest) as error:
            if forgiving:
                return NOTHING_KEPT
            raise ChangesUnusable(str(error)) from error
        return kept

    def _check_match(self, kept: StoredOverrides, author: Author) -> None:
        if author.if_match is None or "*" in author.if_match:
            return
        etag = self._shown(configured(self._state.start, kept.changes)).etag
        if etag not in author.if_match:
            raise SomebodyWasFaster(kept, etag)

    def _shown(self, configuration: Configuration) -> Document:
        body = encoded(document_of(configuration, self._keeping.kind))
        return Document(body, etag_of(body))
