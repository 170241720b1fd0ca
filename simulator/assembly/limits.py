"""The store of rate-limit windows: memory, or Redis."""

from simulator.configuration.settings import Settings
from simulator.latency import Clock
from simulator.limits.memory import MemoryStore
from simulator.limits.store import Store
from simulator.limits.window import WindowLengths
from simulator.telemetry.observer import Telemetry


def choose_limit_store(settings: Settings, telemetry: Telemetry, clock: Clock) -> Store:
    """Memory, or Redis where limits are shared by several instances. `clock` counts in memory."""
    spans = WindowLengths(slice=float(settings.request_slice_seconds))
    if not settings.redis_url:
        return MemoryStore(clock, spans)
    from simulator.limits.outage import FailurePolicyStore
    from simulator.limits.redis_store import RedisStore, connect

    credentials = None
    if settings.redis_identity:
        from simulator.limits.identity import ManagedIdentity

        credentials = ManagedIdentity(settings.redis_client_id or None)
    return FailurePolicyStore(
        RedisStore(connect(settings.redis_url, credentials=credentials), spans=spans),
        settings.redis_failure,
        fallback=MemoryStore(clock, spans),
        clock=clock,
        on_error=telemetry.limiter_failed,
    )
