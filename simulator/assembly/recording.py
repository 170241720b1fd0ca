"""The modes record and replay, put together from the settings.

Apart from `factory`, for what they need is imported only where one of them is used: a cold start in
generate mode does not wait for it.
"""

import functools
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from socket import gethostname

from simulator.configuration.settings import SettingError, Settings
from simulator.modes.base import Mode
from simulator.modes.playback import Playback
from simulator.modes.record import Record
from simulator.modes.replay import Replay
from simulator.recordings.library import Library
from simulator.recordings.promote import PromoteResult, promote
from simulator.recordings.redaction import Redact, Redaction
from simulator.recordings.secret_members import MEMBERS
from simulator.recordings.spool import Spool
from simulator.recordings.store import RecordingStore
from simulator.storage.container import Container
from simulator.telemetry.observer import Telemetry
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey, EntraToken
from simulator.upstream.fences import Fences
from simulator.upstream.forward import Forwarder
from simulator.upstream.passing_headers import is_held_back
from simulator.upstream.resource_upstream import UpstreamOf
from simulator.upstream.router import Router

Forwarders = tuple[Forwarder, ...]
Closing = list[Callable[[], Awaitable[None]]]


def create_record(
    settings: Settings,
    container: Container,
    telemetry: Telemetry,
    *,
    closing: Closing,
    forwarders: Forwarders = (),
    redactions: tuple[Redact, ...] = (),
    upstream_of: UpstreamOf,
) -> Mode:
    """Raises `SettingError` without anything to record from; adds to `closing` what to close."""
    library = _library(settings, container, redactions, spooled=not settings.recording_autosave)
    return _record(
        settings, library, telemetry, _router(settings, forwarders, closing, upstream_of)
    )


def create_replay(
    settings: Settings,
    container: Container,
    telemetry: Telemetry,
    *,
    generate: Mode,
    closing: Closing,
    forwarders: Forwarders = (),
    redactions: tuple[Redact, ...] = (),
    upstream_of: UpstreamOf,
) -> Mode:
    library = _library(settings, container, redactions, spooled=False, shared=True)

    async def promote_all() -> PromoteResult:
        return await promote(container, time.monotonic)

    misses: dict[str, Mode] = {"generate": generate}
    if settings.replay_miss == "forward":
        router = _router(settings, forwarders, closing, upstream_of)
        misses["forward"] = _record(settings, library, telemetry, router)
    return Replay(
        library,
        Playback(settings.replay_speed, settings.latency),
        promote=promote_all,
        clock=time.monotonic,
        on_miss=misses.get(settings.replay_miss),
    )


def _record(settings: Settings, library: Library, telemetry: Telemetry, router: Router) -> Mode:
    return Record(
        library,
        router,
        Playback(settings.replay_speed, settings.latency),
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        count_failure=telemetry.recording_failed,
        equal_request_wait=settings.equal_request_wait,
        rest_wait=settings.upstream_timeout,
        errors=settings.recorded_errors,
    )


def _router(
    settings: Settings, forwarders: Forwarders, closing: Closing, upstream_of: UpstreamOf
) -> Router:
    create = functools.partial(
        Upstream,
        timeout=settings.upstream_timeout,
        total=settings.upstream_total_timeout,
        connections=settings.upstream_connections,
    )
    endpoint, key = settings.upstream_endpoint, settings.upstream_key
    if not endpoint and not forwarders and not settings.fleet_path:
        raise SettingError(
            "AZURE_OPENAI_ENDPOINT", "''", "the address of the resource whose answers are recorded"
        )
    identity = EntraToken(time.time)
    router = Router(
        create(endpoint, ApiKey(key) if key else identity) if endpoint else None,
        forwarders,
        create,
        _fences(settings),
        upstream_of=upstream_of,
        identity=identity,
    )
    closing.append(router.close)
    return router


def _fences(settings: Settings) -> Fences:
    for name in settings.forward_headers:
        if is_held_back(name.lower()):
            raise SettingError(
                "FORWARD_HEADERS",
                repr(name),
                "a header of the caller's own key, or of its connection",
            )
    for path in settings.forward_paths:
        if not path.startswith("/"):
            raise SettingError(
                "FORWARD_PATHS", repr(path), "the beginning of a path, such as /openai/"
            )
    return Fences(
        settings.forward_paths,
        frozenset(method.upper() for method in settings.forward_methods),
        frozenset(name.lower() for name in settings.forward_headers),
    )


def _library(
    settings: Settings,
    container: Container,
    redactions: tuple[Redact, ...],
    *,
    spooled: bool,
    shared: bool = False,
) -> Library:
    spool = None
    if spooled:
        instance = f"{gethostname()}-{os.getpid()}-{time.time_ns():x}"
        spool = Spool(container, instance, time.time_ns)
    store = RecordingStore(container, time.monotonic, spool=spool)
    redaction = Redaction((*MEMBERS, *settings.recording_mask), redactions)
    return Library(store, settings.matching, redaction, shared=shared)
