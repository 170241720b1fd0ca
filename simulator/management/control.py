"""The parts that the simulator's own routes act on."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.prices import Prices
from simulator.configuration.overrides.service import RunTimeConfiguration
from simulator.fleet.service import Fleet
from simulator.instances.presence import Presence
from simulator.journal.roll_ups import RollUps
from simulator.journal.shared import SharedJournal
from simulator.limits.admission import RateLimiter
from simulator.management.readiness import Readiness
from simulator.rules.service import Rules
from simulator.storage.container import Container


@dataclass(frozen=True, slots=True)
class Control:
    """The configuration, the rules, the readiness and the recordings; `clock` never goes back (seconds)."""

    configuration: RunTimeConfiguration
    rules: Rules
    readiness: Readiness
    recordings: Container
    clock: Callable[[], float]
    journal: SharedJournal
    prices: Prices
    limits: RateLimiter
    resets: Mapping[str, Callable[[], Awaitable[None]]]
    """The names of what can begin again, and how it does."""
    console: bool
    """The console is served."""
    deployments: Callable[[], Sequence[Deployment]]
    """Returns the deployments that are defined, of all resources where there is a fleet."""
    fleet: Fleet | None = None
    scrape: Callable[[], bytes] | None = None
    """All metrics in Prometheus' text format, if they are kept for it."""
    presence: Presence | None = None
    """The other instances; None where none can be known of."""
    roll_ups: RollUps | None = None
    """The counts of all instances; None where no others count."""
