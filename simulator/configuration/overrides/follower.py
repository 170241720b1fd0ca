"""Applies the configuration that other instances have put into the container."""

import logging

from simulator.catalogue.deployment_file import DeploymentFileError, parse_deployments
from simulator.configuration.overrides.blob import NAME, UnreadableError, Watched, read_kept
from simulator.configuration.overrides.state import State
from simulator.errors import InvalidRequest
from simulator.storage.container import Container, Unchanged

logger = logging.getLogger(__name__)


class Follower:
    """Takes over changes, and the deployments of the blob `deployments` unless that is "".

    What cannot be used is refused: a line is logged, and what was there before stays in force.
    """

    def __init__(self, state: State, container: Container, deployments: str) -> None:
        self._state = state
        self._changes = Watched(container, NAME)
        self._deployments = Watched(container, deployments) if deployments else None
        self._refused: dict[str, str] = {}

    async def look(self) -> None:
        """Raises `StorageError`."""
        if self._deployments is not None:
            await self._look_at_deployments(self._deployments)
        # Changes are changes of something: without the deployments they cannot be judged.
        if not self._state.lacking:
            await self._look_at_changes()

    async def _look_at_deployments(self, watched: Watched) -> None:
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

    async def _look_at_changes(self) -> None:
        blob = await self._changes.news()
        if isinstance(blob, Unchanged):
            return
        try:
            self._state.put_changes(read_kept(blob))
        except (UnreadableError, InvalidRequest) as error:
            self._refuse(NAME, str(error))
            return
        if blob is not None:
            self._changes.accept(blob)
        self._refused.pop(NAME, None)

    def _refuse(self, name: str, why: str) -> None:
        """Log a refused document once; it is tried again with each refresh, since the deployments
        that it did not fit may change.
        """
        if self._refused.get(name) != why:
            self._refused[name] = why
            logger.error("%s is refused, what was in force stays in force: %s", name, why)
