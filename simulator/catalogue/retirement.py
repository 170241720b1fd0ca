"""Deployments of models that the real service has retired: served with a warning, or refused."""

import logging
from collections.abc import Callable

from simulator.catalogue.deployments import Deployment
from simulator.errors import ResourceNotFound

logger = logging.getLogger(__name__)


class Retirement:
    """Checks that a deployment's model is still served; `now` is seconds since 1970."""

    def __init__(self, now: Callable[[], float], *, allowed: bool) -> None:
        self._now = now
        self._allowed = allowed
        self._warned: set[tuple[str, str]] = set()

    def check(self, deployment: Deployment) -> None:
        """Warn once of each retired model, or raise ResourceNotFound where none is allowed."""
        model = deployment.model
        if not model.retired(self._now()):
            return
        if not self._allowed:
            raise ResourceNotFound
        named = model.name, model.version
        if named not in self._warned:
            self._warned.add(named)
            logger.warning(
                "%s (%s), the model of deployment %s, was retired on %s: the real service refuses "
                "it, and so does the simulator with ALLOW_RETIRED_MODELS=false",
                model.name,
                model.version,
                deployment.name,
                model.retires,
            )
