"""Puts a simulator together: the only package that picks implementations."""

import time
from collections.abc import Collection, Mapping
from types import MappingProxyType

from simulator.active_configuration import ActiveConfiguration
from simulator.app import Simulator
from simulator.assembly.active import create_active, create_configuration
from simulator.assembly.callers import choose_keys, choose_token_check
from simulator.assembly.control import create_control
from simulator.assembly.fleet import choose_fleet, choose_scenario, fleet_applier
from simulator.assembly.foundation import Foundation, lay_foundation
from simulator.assembly.limits import choose_limit_store
from simulator.assembly.operations import OPERATIONS
from simulator.assembly.parts import Parts
from simulator.assembly.presence import choose_roll_ups
from simulator.assembly.resources import (
    choose_redelivery,
    create_operations,
    create_own,
    create_resources,
    ruled_names,
)
from simulator.assembly.rules import choose_rules
from simulator.authentication.authenticator import Authenticator
from simulator.configuration.settings import Settings
from simulator.decisions import Decisions
from simulator.fleet.service import Fleet
from simulator.journal.reasons import Reasons
from simulator.latency import Clock
from simulator.limits.admission import RateLimiter
from simulator.limits.refusal import Refusals
from simulator.metering import Metering
from simulator.operations.base import AnyOperation
from simulator.operations.routes import RouteTable
from simulator.operations.unknown import Unknown
from simulator.pacing import Pacer
from simulator.response_head import ResponseHead
from simulator.rules.service import Rules
from simulator.screening import Screener
from simulator.ticker import Ticker
from simulator.upkeep import Upkeep
from simulator.wire.cross_origin import CrossOrigin

NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})


def create_simulator(
    settings: Settings,
    clock: Clock = time.monotonic,
    *,
    now: Clock = time.time,
    environment: Mapping[str, str] = NO_ENVIRONMENT,
) -> Simulator:
    """The simulator that the settings describe; raises `SettingError`, `DeploymentFileError` or
    `ExtensionError`.

    `clock` says when answers and refreshes are due, and counts the limits; `now` is the time of day,
    by which scenarios run. An extension finds its settings in `environment`.
    """
    base, ticker = lay_foundation(settings, clock, now, environment), Ticker(clock)
    parts = _create_parts(base)
    simulator = Simulator(
        routes=_create_routes(base, parts),
        authenticator=_create_authenticator(base),
        upkeep=_create_upkeep(base, parts),
        active=parts.active,
        metering=Metering(parts.limits, settings.token_estimate, tuple(base.added.limiters)),
        decisions=Decisions(parts.rules, parts.screener),
        pacer=Pacer(clock, ticker.until, ticker),
        head=_create_head(base),
        telemetry=base.telemetry,
        closing=base.closing,
    )
    simulator.siblings = base.journal.siblings
    parts.resources.own_requests.lead_to(simulator)
    return simulator


def _create_parts(base: Foundation) -> Parts:
    settings, clock, container = base.settings, base.clock, base.container
    store = choose_limit_store(settings, base.telemetry, clock, base.presence)
    base.closing.append(store.close)
    active = create_active(base)
    configuration = create_configuration(base, active, store)
    roll_ups = choose_roll_ups(settings, container, base.presence, base.journal.own.minutes, clock)
    if roll_ups is not None:
        base.closing.insert(0, roll_ups.flush)
    base.closing.insert(0, base.telemetry.close)
    resources = create_resources(base)
    own = create_own(resources, base.added)
    rules, fleet = _create_rules(base, active, ruled_names(own))
    return Parts(
        store=store,
        limits=RateLimiter(store, Refusals(settings.region, settings.rate_limit_body)),
        active=active,
        configuration=configuration,
        resources=resources,
        own=own,
        screener=Screener(base.tokenizer, base.now, triggers=settings.content_filter_triggers),
        rules=rules,
        fleet=fleet,
        roll_ups=roll_ups,
    )


def _create_rules(
    base: Foundation, active: ActiveConfiguration, operations: Collection[str]
) -> tuple[Rules, Fleet | None]:
    """The rules, and the fleet whose timeline brings some of them; `operations` are the names of those
    that they can be for."""
    settings, container, clock = base.settings, base.container, base.clock
    scenario = choose_scenario(settings, container, base.now)
    rules = choose_rules(base, scenario, operations)
    base.closing.append(rules.close)
    apply_fleet = fleet_applier(active, rules, base.now)
    fleet = choose_fleet(settings, container, scenario, apply_fleet, clock, operations)
    if fleet is not None:
        active.lead(fleet)
    return rules, fleet


def _create_routes(base: Foundation, parts: Parts) -> RouteTable[AnyOperation]:
    control = create_control(base, parts)
    operations = create_operations(parts.own, parts.resources, control, base.added)
    routes = ((route, operation) for operation in operations for route in operation.routes)
    return RouteTable(routes, unknown=Unknown(parts.resources))


def _create_upkeep(base: Foundation, parts: Parts) -> Upkeep:
    refreshed = (
        parts.configuration,
        base.presence,
        parts.roll_ups,
        choose_redelivery(base, parts.resources),
    )
    return Upkeep([part for part in refreshed if part is not None])


def _create_authenticator(base: Foundation) -> Authenticator:
    return Authenticator(
        base.settings.api_key,
        choose_token_check(base.settings),
        tuple(base.added.authentications),
        choose_keys(base.settings, base.container, base.clock),
        base.clock,
    )


def _create_head(base: Foundation) -> ResponseHead:
    settings = base.settings
    routes = [route for make in OPERATIONS for route in make.routes]
    return ResponseHead(
        base.headers,
        CrossOrigin(settings.cors_origins),
        Reasons(routes, in_header=settings.shows_hints),
    )
