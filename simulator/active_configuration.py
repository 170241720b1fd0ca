"""The parts that answer requests under the configuration in force, replaced as a whole."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.authentication.authenticator import Key
from simulator.catalogue.deployments import Deployment, Deployments
from simulator.catalogue.latency_table import LatencyTable
from simulator.catalogue.retirement import Retirement
from simulator.configuration.overrides.overrides import Configuration
from simulator.configuration.settings import Settings
from simulator.fleet.resource import FleetResource, Resources
from simulator.fleet.service import Fleet
from simulator.latency import Spread
from simulator.messages import Request
from simulator.modes.base import Mode
from simulator.synthesis.answer_shape import AnswerShape
from simulator.upstream.resource_upstream import ResourceUpstream


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The configuration that one request is answered with; changes make another one.

    `shape` is that of generated answers.
    """

    deployments: Deployments
    mode: Mode
    latency: LatencyTable
    shape: AnswerShape
    retirement: Retirement
    region: str = ""
    """The region of a fleet's resource; "" for the one that a setting names."""


@dataclass(frozen=True, slots=True)
class ActiveParts:
    """The functions that make the parts of a snapshot from the settings, and what never changes."""

    retirement: Retirement
    latency: Callable[[Settings], LatencyTable]
    mode: Callable[[Settings], Mode]
    local: Mode
    """Answers the simulator's own routes, and what rules answer, in every mode."""


class ActiveConfiguration:
    """Holds the snapshot in force; a request takes `current` once, on arrival.

    A change leaves everything else as it is: the limits' windows, and the mode with all its state.
    A mode that is replaced still finishes its work, such as recordings.
    """

    current: Snapshot

    def __init__(self, start: Configuration, parts: ActiveParts) -> None:
        self._parts = parts
        self.local = parts.local
        self._modes: tuple[object, Mode] | None = None
        self._leading: Fleet | None = None
        self._fleet: Resources = {}
        self._resources: Mapping[str, Snapshot] = {}
        self.apply(start)

    def lead(self, fleet: Fleet) -> None:
        """Have requests find their resource in a fleet, which from now on says what there is."""
        self._leading = fleet

    async def addressed(self, request: Request, arrived: float) -> Request:
        """The request, addressed to a resource of the newest fleet; without a fleet, as it is."""
        fleet = self._leading
        if fleet is None:
            return request
        if arrived >= fleet.due:
            await fleet.fresh()
        return fleet.addressed(request)

    def key_of(self, request: Request, *, local: bool) -> Key | None:
        """The key of the resource that a request is addressed to, if it has one of its own. Raises
        `UnknownResource` or `Unavailable`, but for `local` routes, which are the simulator's own.
        """
        if self._leading is None or local:
            return None
        return self._leading.find(request).keys

    def of(self, resource: str) -> Snapshot:
        """The snapshot of a resource of the fleet, or the one that there is without a fleet."""
        return self._resources.get(resource, self.current)

    def upstream_of(self, resource: str) -> ResourceUpstream | None:
        """Return the Azure OpenAI resource that a resource of the fleet has been given."""
        found = self._fleet.get(resource)
        return None if found is None else found.upstream

    def deployments(self) -> Sequence[Deployment]:
        """Return the deployments that are defined: those of all resources, where there is a fleet."""
        if self._leading is None:
            return list(self.current.deployments.known.values())
        snapshots = self._resources.values()
        return [one for snapshot in snapshots for one in snapshot.deployments.known.values()]

    def put_fleet(self, resources: Resources) -> None:
        """Take over the resources of a fleet as they are now."""
        self._fleet = resources
        self._resources = {name: self._at(one) for name, one in resources.items()}

    def apply(self, configuration: Configuration) -> None:
        settings = configuration.settings
        self.current = Snapshot(
            Deployments(
                configuration.deployments, allow_undefined=settings.allow_undefined_deployments
            ),
            self._mode(settings),
            self._parts.latency(settings),
            AnswerShape(
                Spread(settings.answer_tokens_mean, settings.answer_tokens_std_dev),
                full=settings.answer_length == "max",
                style=settings.answer_style,
            ),
            self._parts.retirement,
        )
        self._allow_undefined = settings.allow_undefined_deployments
        self.put_fleet(self._fleet)

    def _at(self, resource: FleetResource) -> Snapshot:
        """The snapshot of a resource, which has the start's deployments unless it has its own."""
        known = resource.deployments
        if known is None:
            known = {
                name: dataclasses.replace(one, resource=resource.name, region=resource.region)
                for name, one in self.current.deployments.known.items()
            }
        deployments = Deployments(
            known,
            allow_undefined=self._allow_undefined,
            resource=resource.name,
            region=resource.region,
        )
        latency = dataclasses.replace(self.current.latency, own=resource.latency)
        return dataclasses.replace(
            self.current, deployments=deployments, latency=latency, region=resource.region
        )

    def _mode(self, settings: Settings) -> Mode:
        concerned = (
            settings.mode,
            settings.replay_speed,
            settings.latency,
            settings.replay_miss,
            settings.match_ignore,
            settings.match_api_version,
        )
        if self._modes is None or self._modes[0] != concerned:
            self._modes = (concerned, self._parts.mode(settings))
        return self._modes[1]
