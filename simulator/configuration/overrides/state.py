"""Which configuration is in force in this process, and what it is made of."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from simulator.catalogue.deployments import Deployment
from simulator.configuration.overrides.blob import NOTHING_KEPT, StoredOverrides
from simulator.configuration.overrides.patch import Configuration, configured

logger = logging.getLogger(__name__)


class State:
    """The start-up configuration, the changes of it, and what comes of both.

    `apply` is called with each configuration that comes into force after the first. `lacking` says
    what must be there before requests can be served; "" if nothing.
    """

    def __init__(
        self, start: Configuration, apply: Callable[[Configuration], None], lacking: str = ""
    ) -> None:
        self.start = start
        self.kept = NOTHING_KEPT
        self.current = start
        self.lacking = lacking
        self._apply = apply

    def put_deployments(self, deployments: Mapping[str, Deployment]) -> None:
        """Other deployments to start from; `InvalidRequest` if the changes do not fit them."""
        start = replace(self.start, deployments=deployments)
        configuration = configured(start, self.kept.changes)
        self.start = start
        self.lacking = ""
        self._put(configuration)

    def put_changes(self, kept: StoredOverrides) -> None:
        """Other changes; `InvalidRequest` if they are not allowed."""
        if kept.changes != self.kept.changes:
            self._put(configured(self.start, kept.changes))
            logger.info(
                "a change of %s is in force, made at %s by %s",
                ", ".join(kept.changed) or "the configuration",
                kept.changed_at or "an unknown time",
                kept.changed_by or "hand",
            )
        self.kept = kept

    def _put(self, configuration: Configuration) -> None:
        self.current = configuration
        self._apply(configuration)
