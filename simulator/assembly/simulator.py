"""Puts a simulator together: the only place that picks implementations."""

import random
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from simulator.active_configuration import ActiveConfiguration, ActiveParts
from simulator.app import AnyOperation, Simulator
from simulator.assembly.budgets import schema_budget
from simulator.assembly.containers import choose_container, choose_recordings, kind_of
from simulator.assembly.deployments import deployments_blob, read_deployments
from simulator.assembly.fleet import choose_fleet, choose_scenario, fleet_applier
from simulator.assembly.keys import choose_keys
from simulator.assembly.latency import choose_latency
from simulator.assembly.limits import choose_limit_store
from simulator.assembly.modes import choose_mode
from simulator.assembly.operations import API, MANAGEMENT, OPERATIONS
from simulator.assembly.presence import choose_presence, choose_roll_ups
from simulator.assembly.prices import read_price_file
from simulator.assembly.resets import create_resets
from simulator.assembly.rule_files import rule_files
from simulator.assembly.rules import choose_rules
from simulator.assembly.telemetry import create_telemetry
from simulator.assembly.token_check import choose_token_check
from simulator.authentication.authenticator import Authenticator
from simulator.catalogue.retirement import Retirement
from simulator.configuration.overrides.overrides import Configuration
from simulator.configuration.overrides.service import OverridesLocation, RunTimeConfiguration
from simulator.configuration.overrides.stored import NAME as CONFIGURATION
from simulator.configuration.settings import Settings
from simulator.decisions import Decisions
from simulator.extensions import Added
from simulator.extensions.loading import check_names, load_extension
from simulator.journal.journal import Journal
from simulator.journal.reasons import Reasons
from simulator.latency import Clock
from simulator.limits.admission import RateLimiter
from simulator.limits.departures import Departures
from simulator.limits.refusal import Refusals
from simulator.limits.store import Store
from simulator.management.control import Control
from simulator.management.readiness import Check, Readiness
from simulator.metering import Metering
from simulator.modes.chosen_recording import ChosenRecording
from simulator.modes.generate import Generate
from simulator.operations.base import Resources
from simulator.operations.chat.data_sources import is_retired
from simulator.operations.prompt_cache import PromptCache
from simulator.operations.responses.encrypted_content import content_key
from simulator.operations.routes import RouteTable
from simulator.operations.schema_checks import SchemaChecks
from simulator.operations.unknown import Unknown
from simulator.pacing import Pacer
from simulator.screening import Screener
from simulator.storage.container import Container
from simulator.synthesis.drafts import DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.ticker import Ticker
from simulator.tokens.tokenizer import Tokenizer
from simulator.upkeep import Upkeep
from simulator.wire.answer_headers import AnswerHeaders
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

    `clock` says when it is time to answer, and to refresh the configuration, and counts the limits;
    `now` is the time of day, by which scenarios run. An extension finds its settings in
    `environment`. A long function, because it is the one list of what is made of what, to be read in
    its order.
    """
    added = load_extension(settings.extension_path, environment)
    rng = random.Random()
    tokenizer = Tokenizer()
    tokenizer.warm()
    writer = DraftWriter(FillerText(), tokenizer, schema_budget)
    container = choose_container(settings)
    presence = choose_presence(settings, container, clock)
    instance = presence.name if presence else ""
    headers = AnswerHeaders(settings.region, rng, instance if settings.shows_hints else "")
    start = Configuration(settings, read_deployments(settings, kind_of(container)))
    journal = Journal(settings.journal_size, time.time, instance)
    telemetry = create_telemetry(settings, start.deployments, journal)
    generate = Generate(headers, rng, clock, wrappers=added.wrappers)
    store = choose_limit_store(settings, telemetry, clock, presence)
    refusals = Refusals(settings.region, settings.rate_limit_body)
    limits = RateLimiter(store, refusals)
    # A simulator that only generates keeps nothing, until its mode is record.
    durable = choose_recordings(settings) if kind_of(container) == "memory" else container
    # A changed mode adds its own connections.
    closing: list[Callable[[], Awaitable[None]]] = [container.close, durable.close, store.close]
    parts = ActiveParts(
        retirement=Retirement(time.time, allowed=settings.allow_retired_models),
        latency=choose_latency,
        mode=lambda changed: choose_mode(
            changed,
            durable,
            telemetry,
            generate=generate,
            closing=closing,
            forwarders=tuple(added.forwarders),
            redactions=tuple(added.redactions),
        ),
    )
    active = ActiveConfiguration(start, parts)
    departures = Departures(store, start.deployments)
    configuration = create_configuration(start, container, active, departures, clock)
    readiness = create_readiness(configuration, container, store)
    resources = Resources(
        tokenizer=tokenizer,
        writer=writer,
        rng=rng,
        secrets=random.SystemRandom(),
        now=time.time,
        clock=clock,
        container=container,
        content_key=content_key(settings.api_key, settings.entra_tenant, settings.region),
        prompt_cache=PromptCache(clock) if settings.prompt_cache else None,
        on_your_data=settings.allow_retired_models or not is_retired(time.time()),
        throttled_in_stream=settings.throttled_in_stream,
        schema_checks=SchemaChecks(documented=settings.strict_schema == "documented"),
    )
    if presence is not None:
        closing.insert(0, presence.close)
    roll_ups = choose_roll_ups(settings, container, presence, journal.minutes, clock)
    if roll_ups is not None:
        closing.insert(0, roll_ups.close)
    screener = Screener(tokenizer, triggers=settings.content_filter_triggers)
    scenario = choose_scenario(settings, container, now)
    files = rule_files(settings, durable)
    rules = choose_rules(settings, container, added.rules, rng, clock, scenario, files=files)
    closing.append(rules.close)
    apply_fleet = fleet_applier(active, rules, now)
    fleet = choose_fleet(settings, container, scenario, apply_fleet, clock)
    if fleet is not None:
        active.lead(fleet)
    control = Control(
        configuration,
        rules,
        readiness,
        durable,
        clock,
        journal,
        read_price_file(settings),
        limits,
        create_resets(rules, screener, store, container, journal, resources.prompt_cache),
        settings.serves_console,
        fleet,
        telemetry.scrape,
        presence,
        roll_ups,
    )
    operations = create_operations(resources, control, added)
    routes = [route for make in OPERATIONS for route in make.routes]
    return Simulator(
        routes=RouteTable(
            (route, operation) for operation in operations for route in operation.routes
        ),
        unknown=Unknown(resources),
        authenticator=Authenticator(
            settings.api_key,
            choose_token_check(settings),
            tuple(added.authentications),
            choose_keys(settings, container, clock),
            clock,
        ),
        upkeep=Upkeep(
            [configuration, *(part for part in (presence, roll_ups) if part is not None)]
        ),
        active=active,
        metering=Metering(limits, settings.token_estimate, tuple(added.limiters)),
        decisions=Decisions(rules, screener),
        local=ChosenRecording(generate, durable, time.monotonic),
        pacer=Pacer(clock, Ticker(clock).until),
        headers=headers,
        cross_origin=CrossOrigin(settings.cors_origins),
        reasons=Reasons(routes, in_header=settings.shows_hints),
        telemetry=telemetry,
        clock=clock,
        closing=closing,
    )


def create_operations(resources: Resources, control: Control, added: Added) -> list[AnyOperation]:
    """The extension's first, which so win on a route that is the simulator's too."""
    own = [make(resources) for make in added.operations]
    operations: list[AnyOperation] = [make(resources) for make in API]
    operations += [make(control) for make in MANAGEMENT]
    check_names(added, [one.name for one in own], [one.name for one in operations])
    return [*own, *operations]


def create_configuration(
    start: Configuration,
    container: Container,
    active: ActiveConfiguration,
    departures: Departures,
    clock: Clock,
) -> RunTimeConfiguration:
    location = OverridesLocation(
        container, kind_of(container), deployments_blob(start.settings) or ""
    )

    def apply(changed: Configuration) -> None:
        active.apply(changed)
        departures.follow(changed.deployments)

    return RunTimeConfiguration(start, location, apply, clock=clock, now=time.time)


def create_readiness(
    configuration: RunTimeConfiguration, container: Container, store: Store
) -> Readiness:
    settings = configuration.current.settings
    checks: dict[str, Check] = {}
    if kind_of(container) != "memory":
        checks["storage"] = lambda: container.get(CONFIGURATION)
    if settings.redis_url:
        checks["redis"] = store.ping
    if deployments_blob(settings):
        checks["deployments"] = configuration.fresh
    return Readiness(checks, time.monotonic)
