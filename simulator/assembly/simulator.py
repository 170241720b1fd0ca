"""Puts a simulator together: the only place that picks implementations."""

import random
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from simulator.active_configuration import ActiveConfiguration, ActiveParts, answer_length
from simulator.app import AnyOperation, Simulator
from simulator.assembly.containers import choose_container, choose_recordings, kind_of
from simulator.authentication.authenticator import Authenticator, TokenCheck
from simulator.catalogue.deployment_file import parse_deployments
from simulator.catalogue.deployments import Deployment, default_deployments
from simulator.configuration.overrides.blob import NAME as CONFIGURATION
from simulator.configuration.overrides.document import KeptIn
from simulator.configuration.overrides.patch import Configuration
from simulator.configuration.overrides.service import OverridesLocation, RunTimeConfiguration
from simulator.configuration.settings import SettingError, Settings
from simulator.extensions import Added
from simulator.extensions.loading import check_names, load_extension
from simulator.latency import Clock, Profile, Spread
from simulator.limits.admission import RateLimiter
from simulator.limits.memory import MemoryStore
from simulator.limits.refusal import Refusals
from simulator.limits.store import Store
from simulator.limits.window import WindowLengths
from simulator.management.control import Control
from simulator.management.readiness import Check, Readiness
from simulator.metering import Metering
from simulator.modes.base import Mode
from simulator.modes.generate import Generate
from simulator.operations import OPERATIONS
from simulator.operations.base import Resources
from simulator.operations.routes import RouteTable
from simulator.operations.unknown import Unknown
from simulator.pacing import Pacer
from simulator.storage.container import Container, checked
from simulator.synthesis.drafts import DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.telemetry.creation import create_telemetry
from simulator.telemetry.observer import Telemetry
from simulator.tokens.tokenizer import Tokenizer
from simulator.upstream.forward import Forwarder
from simulator.wire.answer_headers import AnswerHeaders

NO_ENVIRONMENT: Mapping[str, str] = MappingProxyType({})
BLOB = "blob:"
"""What the path of a deployment file begins with that is in the container."""


def create_simulator(
    settings: Settings,
    clock: Clock = time.monotonic,
    *,
    environment: Mapping[str, str] = NO_ENVIRONMENT,
) -> Simulator:
    """The simulator that the settings describe; raises `SettingError`, `DeploymentFileError` or
    `ExtensionError`.

    `clock` says when it is time to answer, and to look for changes of the configuration;
    `environment` is what an extension finds its settings in. A long function, because it is the one
    list of what is made of what, to be read in its order.
    """
    added = load_extension(settings.extension_path, environment)
    rng = random.Random()
    headers = AnswerHeaders(settings.region, rng)
    tokenizer = Tokenizer()
    tokenizer.warm()
    writer = DraftWriter(FillerText(), tokenizer, answer_length(settings))
    container = choose_container(settings)
    start = Configuration(settings, read_deployments(settings, kind_of(container)))
    telemetry = create_telemetry(settings, start.deployments)
    generate = Generate(latency_profiles(settings), headers, rng, wrappers=added.wrappers)
    store = choose_limit_store(settings, telemetry)
    refusals = Refusals(settings.region, settings.rate_limit_body)
    limits = RateLimiter(store, refusals, start.deployments.get)
    # A simulator that only generates keeps nothing, until it is told to record.
    durable = choose_recordings(settings) if kind_of(container) == "memory" else container
    switched = ActiveParts(
        generate=generate,
        writer=writer,
        limits=limits,
        profiles=latency_profiles,
        mode=lambda changed: choose_mode(
            changed, durable, telemetry, generate=generate, forwarders=tuple(added.forwarders)
        ),
    )
    switch = ActiveConfiguration(start, switched)
    configuration = create_configuration(start, container, switch, clock)
    readiness = create_readiness(configuration, container, store)
    resources = Resources(
        tokenizer=tokenizer,
        writer=writer,
        rng=rng,
        now=time.time,
        clock=clock,
        container=container,
        control=Control(configuration, readiness, durable),
        scrape=telemetry.scrape,
    )
    operations = create_operations(resources, added)
    return Simulator(
        routes=RouteTable(
            (route, operation) for operation in operations for route in operation.routes
        ),
        unknown=Unknown(resources),
        authenticator=Authenticator(
            settings.api_key, choose_token_check(settings), tuple(added.authentications)
        ),
        configuration=configuration,
        switch=switch,
        metering=Metering(limits, settings.token_estimate, tuple(added.limiters)),
        local=generate,
        pacer=Pacer(clock),
        headers=headers,
        telemetry=telemetry,
        clock=clock,
        closing=(container.close, durable.close, store.close),
    )


def create_operations(resources: Resources, added: Added) -> list[AnyOperation]:
    """The extension's first, which so win on a route that is the simulator's too."""
    own = [make(resources) for make in added.operations]
    operations: list[AnyOperation] = [operation(resources) for operation in OPERATIONS]
    check_names(added, [one.name for one in own], [one.name for one in operations])
    return [*own, *operations]


def create_configuration(
    start: Configuration, container: Container, switch: ActiveConfiguration, clock: Clock
) -> RunTimeConfiguration:
    keeping = OverridesLocation(
        container, kind_of(container), deployments_blob(start.settings) or ""
    )
    return RunTimeConfiguration(start, keeping, switch.turn, clock=clock, now=time.time)


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


def choose_mode(
    settings: Settings,
    container: Container,
    telemetry: Telemetry,
    *,
    generate: Mode,
    forwarders: tuple[Forwarder, ...],
) -> Mode:
    if settings.mode == "generate":
        return generate
    from simulator.assembly.recording import create_record, create_replay

    if settings.mode == "record":
        return create_record(settings, container, telemetry, forwarders=forwarders)
    return create_replay(settings, container, telemetry, generate=generate, forwarders=forwarders)


def choose_token_check(settings: Settings) -> TokenCheck | None:
    """None where no Entra tenant is set: then nothing of it is imported."""
    if not settings.entra_tenant:
        return None
    from simulator.authentication.entra_tokens import EntraTokens, Tenant
    from simulator.authentication.signing_keys import SigningKeys, fetch_keys

    tenant = Tenant(settings.entra_tenant, settings.entra_authority)
    keys = SigningKeys(lambda: fetch_keys(tenant.keys_address), time.monotonic)
    return EntraTokens(tenant, settings.entra_audience, keys).check


def choose_limit_store(settings: Settings, telemetry: Telemetry) -> Store:
    """Memory, or Redis where limits are shared by several instances."""
    spans = WindowLengths(slice=float(settings.request_slice_seconds))
    if not settings.redis_url:
        return MemoryStore(time.monotonic, spans)
    from simulator.limits.outage import FailurePolicyStore
    from simulator.limits.redis_store import RedisStore, connect

    credentials = None
    if settings.redis_identity:
        from simulator.limits.identity import ManagedIdentity

        credentials = ManagedIdentity(settings.redis_client_id or None)
    return FailurePolicyStore(
        RedisStore(connect(settings.redis_url, credentials=credentials), spans=spans),
        settings.redis_failure,
        clock=time.monotonic,
        on_error=telemetry.limiter_failed,
    )


def read_deployments(settings: Settings, kept_in: KeptIn) -> Mapping[str, Deployment]:
    """Those of the deployment file, else the default ones; none yet if they are in a blob, which is
    read with the first request. Raises `SettingError` or `DeploymentFileError`."""
    if not settings.deployments_path:
        return default_deployments()
    if deployments_blob(settings):
        if kept_in == "memory":
            raise _no_deployments(settings, "a blob needs RecordingStorage or RECORDING_DIR")
        return {}
    path = Path(settings.deployments_path)
    try:
        document = path.read_bytes()
    except OSError as error:
        raise _no_deployments(settings, f"a file that can be read ({error.strerror})") from None
    return parse_deployments(document, str(path))


def deployments_blob(settings: Settings) -> str | None:
    """The name of the blob that has the deployments, if they are in one; may raise `SettingError`."""
    if not settings.deployments_path.startswith(BLOB):
        return None
    try:
        return checked(settings.deployments_path.removeprefix(BLOB))
    except ValueError:
        raise _no_deployments(settings, "after blob: a name in the container") from None


def _no_deployments(settings: Settings, allowed: str) -> SettingError:
    return SettingError("OPENAI_DEPLOYMENT_CONFIG_PATH", repr(settings.deployments_path), allowed)


def latency_profiles(settings: Settings) -> dict[str, Profile]:
    """The latency of each operation, by its name."""
    first, between = settings.time_to_first_token_mean, settings.inter_token_mean
    tokens_first = None if first is None else Spread(first, settings.time_to_first_token_std_dev)
    tokens_between = None if between is None else Spread(between, settings.inter_token_std_dev)
    chat = Spread(settings.chat_completions_mean, settings.chat_completions_std_dev)
    completions = Spread(settings.completions_mean, settings.completions_std_dev)
    # Per megabyte of audio.
    translations = Profile(Spread(settings.translations_mean, settings.translations_std_dev))
    return {
        "audio_transcriptions": translations,
        "audio_translations": translations,
        "embeddings": Profile(Spread(settings.embeddings_mean, settings.embeddings_std_dev)),
        "completions": Profile(completions, tokens_first, tokens_between),
        "chat_completions": Profile(chat, tokens_first, tokens_between),
        "responses": Profile(chat, tokens_first, tokens_between),
    }
