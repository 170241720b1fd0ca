"""The parts of a simulator that answer requests, and that its own routes act on."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.active_configuration import ActiveConfiguration
from simulator.configuration.overrides.service import RunTimeConfiguration
from simulator.fleet.service import Fleet
from simulator.journal.roll_ups import RollUps
from simulator.limits.admission import RateLimiter
from simulator.limits.store import Store
from simulator.operations.base import AnyOperation
from simulator.operations.resources import Resources
from simulator.rules.service import Rules
from simulator.screening import Screener


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts that are made from the foundation."""

    store: Store
    limits: RateLimiter
    active: ActiveConfiguration
    configuration: RunTimeConfiguration
    resources: Resources
    own: Sequence[AnyOperation]
    """The operations of the extension."""
    screener: Screener
    rules: Rules
    fleet: Fleet | None
    roll_ups: RollUps | None
