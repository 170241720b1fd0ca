"""Puts a simulator together: the only place that picks implementations."""

import random
import time
from pathlib import Path

from simulator.app import AnyOperation, Simulator
from simulator.auth import Authenticator
from simulator.deployment_file import parse_deployments
from simulator.deployments import Deployments
from simulator.headers import AnswerHeaders
from simulator.latency import Pacer, Profile, Spread
from simulator.limits.admission import Limits
from simulator.limits.memory import MemoryStore
from simulator.limits.refusal import Refusals
from simulator.limits.store import Store
from simulator.limits.window import Spans
from simulator.metering import Metering
from simulator.modes.base import Mode
from simulator.modes.generate import Generate
from simulator.operations import OPERATIONS
from simulator.operations.base import Resources
from simulator.operations.unknown import Unknown
from simulator.prose import Prose
from simulator.recordings.container import Container
from simulator.routes import RouteTable
from simulator.settings import SettingError, Settings
from simulator.stores import choose_container
from simulator.tokens import Tokenizer
from simulator.writer import Writer


def create_simulator(settings: Settings) -> Simulator:
    """The simulator that the settings describe; raises `SettingError` or `DeploymentFileError`."""
    rng = random.Random()
    headers = AnswerHeaders(settings.region, rng)
    container = choose_container(settings)
    deployments = read_deployments(settings)
    resources = create_resources(settings, container, rng)
    operations: list[AnyOperation] = [operation(resources) for operation in OPERATIONS]
    generate = Generate(latency_profiles(settings), headers, rng)
    limits = Limits(
        choose_limit_store(settings),
        Refusals(settings.region, settings.rate_limit_body),
        deployments.get,
    )
    return Simulator(
        routes=RouteTable(
            (route, operation) for operation in operations for route in operation.routes
        ),
        unknown=Unknown(resources),
        authenticator=Authenticator(settings.api_key),
        deployments=deployments,
        metering=Metering(limits, settings.token_estimate),
        local=generate,
        mode=choose_mode(settings, container, generate),
        pacer=Pacer(time.monotonic),
        headers=headers,
        clock=time.monotonic,
    )


def create_resources(settings: Settings, container: Container, rng: random.Random) -> Resources:
    tokenizer = Tokenizer()
    tokenizer.warm()
    length = Spread(settings.answer_tokens_mean, settings.answer_tokens_std_dev)
    return Resources(
        tokenizer=tokenizer,
        writer=Writer(Prose(), tokenizer, length),
        rng=rng,
        now=time.time,
        clock=time.monotonic,
        container=container,
        mode=settings.mode,
    )


def choose_mode(settings: Settings, container: Container, generate: Mode) -> Mode:
    if settings.mode == "generate":
        return generate
    from simulator.recording_modes import create_record, create_replay

    if settings.mode == "record":
        return create_record(settings, container)
    return create_replay(settings, container, generate)


def choose_limit_store(settings: Settings) -> Store:
    """Memory, or Redis where limits are shared by several instances."""
    spans = Spans(slice=float(settings.request_slice_seconds))
    if not settings.redis_url:
        return MemoryStore(time.monotonic, spans)
    from simulator.limits.outage import GuardedStore
    from simulator.limits.redis_store import RedisStore, connect

    credentials = None
    if settings.redis_identity:
        from simulator.limits.identity import ManagedIdentity

        credentials = ManagedIdentity(settings.redis_client_id or None)
    return GuardedStore(
        RedisStore(connect(settings.redis_url, credentials=credentials), spans=spans),
        settings.redis_failure,
        clock=time.monotonic,
        on_error=lambda: None,
    )


def read_deployments(settings: Settings) -> Deployments:
    """Those of the deployment file, else the default ones; raises `DeploymentFileError`."""
    known = None
    if settings.deployments_path:
        path = Path(settings.deployments_path)
        try:
            document = path.read_bytes()
        except OSError as error:
            raise SettingError(
                "OPENAI_DEPLOYMENT_CONFIG_PATH",
                repr(settings.deployments_path),
                f"a file that can be read ({error.strerror})",
            ) from None
        known = parse_deployments(document, str(path))
    return Deployments(known, allow_undefined=settings.allow_undefined_deployments)


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
