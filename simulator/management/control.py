"""What the simulator's own routes act on."""

from dataclasses import dataclass

from simulator.configuration.overrides.service import RunTimeConfiguration
from simulator.management.readiness import Readiness
from simulator.storage.container import Container


@dataclass(frozen=True, slots=True)
class Control:
    """The configuration, whether all that is needed can be reached, and where recordings are."""

    configuration: RunTimeConfiguration
    readiness: Readiness
    recordings: Container
