"""The modes record and replay, put together from the settings.

Apart from `modes`, for what they need is imported only where one of them is used: a cold start in
generate mode does not wait for it.
"""

import functools
import os
import time
from datetime import UTC, datetime
from socket import gethostname

from simulator.assembly.modes import ModeParts
from simulator.configuration.settings import SettingError, Settings
from simulator.modes.base import Mode
from simulator.modes.playback import Playback
from simulator.modes.record import Record
from simulator.modes.replay import Replay
from simulator.recordings.library import Library
from simulator.recordings.promote import PromoteResult, promote
from simulator.recordings.redaction import Redaction
from simulator.recordings.secret_members import MEMBERS
from simulator.recordings.spool import Spool
from simulator.recordings.store import RecordingStore
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey, EntraToken
from simulator.upstream.forwarding_policy import ForwardingPolicy
from simulator.upstream.passing_headers import is_held_back
from simulator.upstream.router import Router


def create_record(settings: Settings, parts: ModeParts) -> Mode:
    """Return the record mode. Raises `SettingError` without anything to record from."""
    library = _library(settings, parts, spooled=not settings.recording_autosave)
    return _record(settings, parts, library)


def create_replay(settings: Settings, parts: ModeParts) -> Mode:
    """Return the replay mode. Raises `SettingError` where what is not recorded is forwarded, and there is
    nowhere to."""
    library = _library(settings, parts, spooled=False, shared=True)

    async def promote_all() -> PromoteResult:
        return await promote(parts.container, time.monotonic)

    misses: dict[str, Mode] = {"generate": parts.generate}
    if settings.replay_miss == "forward":
        misses["forward"] = _record(settings, parts, library)
    return Replay(
        library,
        Playback(settings.replay_speed, settings.latency),
        promote=promote_all,
        clock=time.monotonic,
        on_miss=misses.get(settings.replay_miss),
    )


def _record(settings: Settings, parts: ModeParts, library: Library) -> Mode:
    return Record(
        library,
        _router(settings, parts),
        Playback(settings.replay_speed, settings.latency),
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        count_failure=parts.telemetry.recording_failed,
        equal_request_wait=settings.equal_request_wait,
        rest_wait=settings.upstream_timeout,
        errors=settings.recorded_errors,
    )


def _router(settings: Settings, parts: ModeParts) -> Router:
    create = functools.partial(
        Upstream,
        timeout=settings.upstream_timeout,
        total=settings.upstream_total_timeout,
        connections=settings.upstream_connections,
    )
    endpoint, key = settings.upstream_endpoint, settings.upstream_key
    if not endpoint and not parts.forwarders and not settings.fleet_path:
        raise SettingError(
            "AZURE_OPENAI_ENDPOINT", "''", "the address of the resource whose answers are recorded"
        )
    identity = EntraToken(time.time)
    router = Router(
        create(endpoint, ApiKey(key) if key else identity) if endpoint else None,
        parts.forwarders,
        create,
        _forwarding_policy(settings),
        upstream_of=parts.upstream_of,
        identity=identity,
    )
    parts.closing.append(router.close)
    return router


def _forwarding_policy(settings: Settings) -> ForwardingPolicy:
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
    return ForwardingPolicy(
        settings.forward_paths,
        frozenset(method.upper() for method in settings.forward_methods),
        frozenset(name.lower() for name in settings.forward_headers),
    )


def _library(
    settings: Settings, parts: ModeParts, *, spooled: bool, shared: bool = False
) -> Library:
    spool = None
    if spooled:
        instance = f"{gethostname()}-{os.getpid()}-{time.time_ns():x}"
        spool = Spool(parts.container, instance, time.time_ns)
    store = RecordingStore(parts.container, time.monotonic, spool=spool)
    redaction = Redaction((*MEMBERS, *settings.recording_mask), parts.redactions)
    return Library(store, settings.matching, redaction, shared=shared)
