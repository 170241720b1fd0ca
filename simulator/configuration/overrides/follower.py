"""Applies the changes that other instances have put into the container: only when requests come,
and seldom.
"""

import logging

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.configuration.overrides.state import State
from simulator.configuration.overrides.stored import NAME, UnreadableError, decode_stored
from simulator.errors import InvalidRequest
from simulator.storage.container import Container, Unchanged
from simulator.storage.watched import WatchedBlob

logger = logging.getLogger(__name__)


class Follower:
    """Takes over stored overrides, and the deployments of the blob `deployments` unless that is "".

    An unusable version is refused: a line is logged, and the earlier one stays in force.
    """

    def __init__(self, state: State, container: Container, deployments: str) -> None:
        self._state = state
        self._overrides = WatchedBlob(container, NAME)
        self._deployments = WatchedBlob(container, deployments) if deployments else None
        self._refused: dict[str, str] = {}

    async def refresh(self) -> None:
        """Raises `StorageError`."""
        if self._deployments is not None:
            await self._refresh_deployments(self._deployments)
        # Without the deployments, overrides of them cannot be checked.
        if not self._state.lacking:
            await self._refresh_overrides()

    async def _refresh_deployments(self, watched: WatchedBlob) -> None:
        blob = await watched.news()
        if isinstance(blob, Unchanged):
            return
        try:
            if blob is None:
                raise DeploymentFileError(f"{watched.name}: there is no such blob")
            self._state.put_deployments(parse_deployments(blob.data, watched.name))
        except (DeploymentFileError, InvalidRequest) as error:
            self._refuse(watched.name, str(error))
            if self._state.lacking:
                self._state.lacking = f"The deployments cannot be read. {error}"
            return
        watched.accept(blob)
        self._refused.pop(watched.name, None)

    async def _refresh_overrides(self) -> None:
        blob = await self._overrides.news()
        if isinstance(blob, Unchanged):
            return
        try:
            self._state.put_overrides(decode_stored(blob))
        except (UnreadableError, InvalidRequest) as error:
            self._refuse(NAME, str(error))
            return
        if blob is not None:
            self._overrides.accept(blob)
        self._refused.pop(NAME, None)

    def _refuse(self, name: str, cause: str) -> None:
        """Log a refused document once; it is tried again with each refresh, since the deployments
        that it did not fit may change.
        """
        if self._refused.get(name) != cause:
            self._refused[name] = cause
            logger.error("%s is refused, the earlier version stays in force: %s", name, cause)
