"""The configuration at run time: that of the start, with the overrides that all instances share."""

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from simulator.configuration.overrides.document import (
    Document,
    KeptIn,
    check_repeated,
    document_of,
    show,
)
from simulator.configuration.overrides.follower import Follower
from simulator.configuration.overrides.overrides import Configuration, Patch, patched
from simulator.configuration.overrides.state import State
from simulator.configuration.overrides.stored import (
    NAME,
    NO_OVERRIDES,
    NOTHING_STORED,
    ConfigurationChanged,
    FateUnknown,
    Overrides,
    OverridesUnusable,
    StoredOverrides,
    UnreadableError,
    decode_stored,
    store_overrides,
)
from simulator.errors import InvalidRequest, Unavailable
from simulator.storage.container import Blob, Container, StorageError
from simulator.storage.refresh import Refresher, RefreshPolicy

logger = logging.getLogger(__name__)

# Others change the configuration seldom: that many conflicts are a fault, not a crowd.
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
class _Revision:
    """A revision of the overrides and its names; `forgiving` if unreadable overrides may be
    replaced.
    """

    revise: Callable[[Overrides], tuple[Overrides, Configuration]]
    names: tuple[str, ...]
    forgiving: bool = False


class RunTimeConfiguration:
    """Changes the overrides, and follows those of other instances. `clock` never goes back, `now` is
    the time of day, both in seconds; `apply` is called with each configuration that comes into
    force.
    """

    def __init__(
        self,
        start: Configuration,
        location: OverridesLocation,
        apply: Callable[[Configuration], None],
        *,
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        name = location.deployments
        lacking = f"The deployments have not been read from {name} yet." if name else ""
        self._state = State(start, apply, lacking)
        self._location = location
        self._follower = Follower(self._state, location.container, name)
        self._policy = RefreshPolicy()
        self._refresher = Refresher(self._refresh, clock, self._policy)
        if location.kind == "memory":  # where nobody else writes
            self._refresher.due = math.inf
        self._now = now
        self._turn = asyncio.Lock()

    @property
    def current(self) -> Configuration:
        return self._state.current

    @property
    def due(self) -> float:
        """The moment of the clock from which `fresh` has something to do."""
        return -math.inf if self._state.lacking else self._refresher.due

    async def fresh(self) -> None:
        """Return when no change of another instance that is 5 seconds old is unknown.

        Raises `Unavailable` until the deployments have been read for the first time.
        """
        await self._refresher.fresh()
        if self._state.lacking:
            raise Unavailable(self._state.lacking)

    async def document(self) -> Document:
        """Return the newest configuration, or the one in force here if the store is unreachable."""
        try:
            await asyncio.wait_for(self._refresh(), self._policy.patience)
        except (StorageError, TimeoutError) as error:
            logger.warning(
                "the configuration known here is shown, its store is unreachable: %s",
                str(error) or f"no answer in {self._policy.patience:g} s",
            )
        return self._shown(self.current)

    async def change(self, patch: Patch, author: Author) -> Document:
        """Store and apply the patch, and return the configuration after it.

        Raises `InvalidRequest`, `ConfigurationChanged` or `OverridesUnusable`: then nothing was changed;
        or `Unavailable`, whose message says whether something may have been.
        """
        check_repeated(patch, document_of(self.current, self._location.kind))

        def revise(overrides: Overrides) -> tuple[Overrides, Configuration]:
            return patched(self._state.start, overrides, patch)

        return await self._revise(_Revision(revise, patch.names), author)

    async def reset(self, author: Author) -> Document:
        """Return to the configuration of the start; raises as `change`."""
        revision = _Revision(
            lambda _: (NO_OVERRIDES, self._state.start), ("everything back",), forgiving=True
        )
        return await self._revise(revision, author)

    async def _refresh(self) -> None:
        async with self._turn:
            await self._follower.refresh()

    async def _revise(self, revision: _Revision, author: Author) -> Document:
        async with self._turn:
            try:
                for _ in range(_ATTEMPTS):
                    if await self._try(revision, author):
                        return self._shown(self.current)
            except FateUnknown as error:
                raise Unavailable(
                    "Whether the change was stored is unknown, since the store does not answer "
                    f"({error}). Please look at GET /++/config before you try again."
                ) from error
            except StorageError as error:
                raise Unavailable(
                    f"The change cannot be stored, and was not made: {error}"
                ) from error
        raise Unavailable("Others keep changing the configuration, and nothing was changed.")

    async def _try(self, revision: _Revision, author: Author) -> bool:
        """Return False if somebody else has just changed something, and nothing was written."""
        before = await self._location.container.get(NAME)
        stored, current = self._understood(before, forgiving=revision.forgiving)
        self._check_match(stored, current, author)
        overrides, configuration = revision.revise(stored.overrides)
        after = StoredOverrides(
            changed_at=datetime.fromtimestamp(self._now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            changed_by=author.name,
            changed=revision.names,
            overrides=overrides,
        )
        written = await store_overrides(self._location.container, after, before)
        if written:
            self._state.put_overrides(after, configuration)
        return written

    def _understood(
        self, blob: Blob | None, *, forgiving: bool
    ) -> tuple[StoredOverrides, Configuration]:
        try:
            stored = decode_stored(blob)
            return stored, self._state.configured(stored.overrides)
        except (UnreadableError, InvalidRequest) as error:
            if forgiving:
                return NOTHING_STORED, self._state.start
            raise OverridesUnusable(str(error)) from error

    def _check_match(self, stored: StoredOverrides, current: Configuration, author: Author) -> None:
        if author.if_match is None or "*" in author.if_match:
            return
        etag = self._shown(current).etag
        if etag not in author.if_match:
            raise ConfigurationChanged(stored, etag)

    def _shown(self, configuration: Configuration) -> Document:
        return show(configuration, self._location.kind)
