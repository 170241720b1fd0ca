"""The configuration in force in this process, and the parts that it is made of."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from simulator.catalogue.deployments import Deployment
from simulator.configuration.overrides.overrides import Configuration, configured
from simulator.configuration.overrides.stored import NOTHING_STORED, Overrides, StoredOverrides

logger = logging.getLogger(__name__)


class State:
    """The start-up configuration, its overrides, and the configuration in force.

    `apply` is called with each configuration that comes into force after the first. `lacking` says
    what must be there before requests can be served; "" if nothing.
    """

    def __init__(
        self, start: Configuration, apply: Callable[[Configuration], None], lacking: str = ""
    ) -> None:
        self.start = start
        self.stored = NOTHING_STORED
        self.current = start
        self.lacking = lacking
        self._apply = apply

    def configured(self, overrides: Overrides) -> Configuration:
        """Like the function of that name; the overrides in force are not applied once more."""
        if overrides == self.stored.overrides:
            return self.current
        return configured(self.start, overrides)

    def put_deployments(self, deployments: Mapping[str, Deployment]) -> None:
        """Start from other deployments; `InvalidRequest` if the overrides do not fit them."""
        start = replace(self.start, deployments=deployments)
        configuration = configured(start, self.stored.overrides)
        self.start = start
        self.lacking = ""
        self._put(configuration)

    def put_overrides(
        self, stored: StoredOverrides, configuration: Configuration | None = None
    ) -> None:
        """Apply other overrides, which make the `configuration` if it is known; `InvalidRequest` if
        they are not allowed.
        """
        if stored.overrides != self.stored.overrides:
            self._put(configuration or configured(self.start, stored.overrides))
            logger.info(
                "a change of %s is in force, made at %s by %s",
                ", ".join(stored.changed) or "the configuration",
                stored.changed_at or "an unknown time",
                stored.changed_by or "hand",
            )
        self.stored = stored

    def _put(self, configuration: Configuration) -> None:
        self.current = configuration
        self._apply(configuration)
