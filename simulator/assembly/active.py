"""The configuration in force: its snapshot, its changes at run time, and whether all is reached."""

import time

from simulator.active_configuration import ActiveConfiguration, ActiveParts
from simulator.assembly.containers import kind_of
from simulator.assembly.deployments import deployments_blob
from simulator.assembly.foundation import Foundation
from simulator.assembly.latency import choose_latency
from simulator.assembly.modes import ModeParts, choose_mode
from simulator.assembly.presence import counter_of
from simulator.catalogue.retirement import Retirement
from simulator.configuration.overrides.overrides import Configuration
from simulator.configuration.overrides.service import OverridesLocation, RunTimeConfiguration
from simulator.configuration.overrides.stored import NAME as CONFIGURATION
from simulator.fleet.service import Fleet
from simulator.limits.departures import Departures
from simulator.limits.store import Store
from simulator.management.readiness import Check, Readiness
from simulator.modes.chosen_recording import ChosenRecording
from simulator.modes.generate import Generate
from simulator.upstream.resource_upstream import ResourceUpstream


def create_active(base: Foundation) -> ActiveConfiguration:
    added = base.added
    generate = Generate(
        base.headers,
        base.rng,
        base.clock,
        wrappers=added.wrappers,
        instances=counter_of(base.presence),
    )

    def upstream_of(resource: str) -> ResourceUpstream | None:
        return active.upstream_of(resource)

    modes = ModeParts(
        base.recordings,
        base.telemetry,
        generate,
        tuple(added.forwarders),
        tuple(added.redactions),
        upstream_of,
        base.closing,
    )
    parts = ActiveParts(
        retirement=Retirement(time.time, allowed=base.settings.allow_retired_models),
        latency=choose_latency,
        mode=lambda changed: choose_mode(changed, modes),
        local=ChosenRecording(generate, base.recordings, time.monotonic),
    )
    active = ActiveConfiguration(base.start, parts)
    return active


def create_configuration(
    base: Foundation, active: ActiveConfiguration, store: Store
) -> RunTimeConfiguration:
    """`store` forgets what was charged to deployments that a change removes."""
    departures = Departures(store, base.start.deployments)
    location = OverridesLocation(
        base.container, kind_of(base.container), deployments_blob(base.settings) or ""
    )

    def apply(changed: Configuration) -> None:
        active.apply(changed)
        departures.follow(changed.deployments)

    return RunTimeConfiguration(base.start, location, apply, clock=base.clock, now=time.time)


def create_readiness(
    base: Foundation, configuration: RunTimeConfiguration, store: Store, fleet: Fleet | None
) -> Readiness:
    checks: dict[str, Check] = {}
    if kind_of(base.container) != "memory":
        checks["storage"] = lambda: base.container.get(CONFIGURATION)
    if base.settings.redis_url:
        checks["redis"] = store.ping
    if deployments_blob(base.settings):
        checks["deployments"] = configuration.fresh
    if fleet is not None:
        checks["fleet"] = fleet.ready
    return Readiness(checks, time.monotonic)
