"""A resource of the fleet as it is at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.authentication.resource_keys import ResourceKeys
from simulator.catalogue.deployments import Deployment
from simulator.latency import OwnLatency
from simulator.rules.rule import Rule
from simulator.upstream.resource_upstream import ResourceUpstream


@dataclass(frozen=True, slots=True)
class FleetRules:
    """Rules of a resource, in order; `since` is the moment of the scenario's clock at which the
    timeline brought them, None for those that the file begins with.
    """

    rules: tuple[Rule, ...] = ()
    since: float | None = None


@dataclass(frozen=True, slots=True)
class FleetResource:
    """`region` is "" where the file names none, and `deployments` None where the resource has those
    that a simulator without a fleet would have. `upstream` is None where recordings are made of the
    resource that a setting names.
    """

    name: str
    region: str = ""
    deployments: Mapping[str, Deployment] | None = None
    keys: ResourceKeys | None = None
    rules: FleetRules = field(default_factory=FleetRules)
    latency: OwnLatency | None = None
    upstream: ResourceUpstream | None = None


Resources = Mapping[str, FleetResource]
