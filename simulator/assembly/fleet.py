"""The fleet: where its file is, where its scenario is kept, and what its resources change."""

from collections.abc import Callable, Collection, Mapping

from simulator.active_configuration import ActiveConfiguration
from simulator.assembly.blob_names import is_blob
from simulator.assembly.followed import follow
from simulator.configuration.settings import Settings
from simulator.fleet.document import read_fleet
from simulator.fleet.scenario import Scenario
from simulator.fleet.service import Fleet, FleetInForce
from simulator.fleet.state import Base, FleetFile
from simulator.rules.book import Placed
from simulator.rules.rule import Rule
from simulator.rules.service import Rules
from simulator.storage.container import Container
from simulator.storage.memory import MemoryContainer
from simulator.upstream.resource_upstream import ResourceUpstream

SETTING = "FLEET_PATH"
Now = Callable[[], float]


def resource_names(settings: Settings) -> list[str]:
    """The names of the file's resources; none without a fleet, or if it is in a blob. Raises
    `FollowedFileError`.
    """
    return list(_resources(settings))


def resource_upstreams(settings: Settings) -> Mapping[str, ResourceUpstream]:
    """Return the upstreams of the file's resources that have one; otherwise as `resource_names`."""
    found = {name: base.resource.upstream for name, base in _resources(settings).items()}
    return {name: upstream for name, upstream in found.items() if upstream is not None}


def _resources(settings: Settings) -> Mapping[str, Base]:
    if is_blob(settings.fleet_path):
        return {}
    source = follow(SETTING, settings.fleet_path, MemoryContainer(), read_fleet)
    return {} if source is None or source.first is None else source.first.resources


def choose_scenario(settings: Settings, container: Container, now: Now) -> Scenario | None:
    """Return None without a fleet, which alone has a timeline."""
    if not settings.fleet_path:
        return None
    return Scenario(container, now, settings.scenario_start)


def choose_fleet(
    settings: Settings,
    container: Container,
    scenario: Scenario | None,
    apply: Callable[[FleetInForce], None],
    clock: Now,
    operations: Collection[str],
) -> Fleet | None:
    """Return None without a fleet. Raises `SettingError` or `FollowedFileError`."""

    def read(data: bytes) -> FleetFile:
        return read_fleet(data, operations)

    source = follow(SETTING, settings.fleet_path, container, read)
    if source is None or scenario is None:
        return None
    return Fleet(source.followed, source.first, scenario, apply, clock)


def fleet_applier(
    active: ActiveConfiguration, rules: Rules, now: Now
) -> Callable[[FleetInForce], None]:
    """Return a function that puts the resources of a fleet into force."""
    start = now()

    def brought(rule: Rule, came: float) -> Placed:
        """A rule of the timeline, which counts from zero each time that it comes."""
        return Placed(rule, "fleet", came, f":{came!r}")

    def apply(fleet: FleetInForce) -> None:
        active.put_fleet(fleet.resources)
        rules.put_fleet(
            [
                Placed(rule, "fleet", start)
                if resource.rules.since is None
                else brought(rule, fleet.began + resource.rules.since)
                for resource in fleet.resources.values()
                for rule in resource.rules.rules
            ]
        )

    return apply
