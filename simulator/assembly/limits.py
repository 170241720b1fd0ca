"""The store of rate-limit windows: memory, or Redis."""

from typing import TYPE_CHECKING

from simulator.configuration.settings import Settings
from simulator.instances.presence import Presence
from simulator.latency import Clock
from simulator.limits.memory import MemoryStore
from simulator.limits.shares import SharesStore
from simulator.limits.store import Store
from simulator.limits.window import WindowLengths
from simulator.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from simulator.limits.identity import ManagedIdentity


def choose_limit_store(
    settings: Settings, telemetry: Telemetry, clock: Clock, presence: Presence | None
) -> Store:
    """Redis where limits are shared by several instances; else memory, of which each instance that
    knows of others has its share. `clock` counts in memory.
    """
    lengths = WindowLengths(slice=float(settings.request_slice_seconds))
    if not settings.redis_url:
        alone = MemoryStore(clock, lengths)
        return alone if presence is None else SharesStore(alone, lambda: presence.standing)
    from simulator.limits.outage import FailurePolicyStore
    from simulator.limits.redis_store import RedisStore, connect

    client = connect(settings.redis_url, credentials=redis_credentials(settings))
    return FailurePolicyStore(
        RedisStore(client, lengths=lengths),
        settings.redis_failure,
        fallback=MemoryStore(clock, lengths),
        clock=clock,
        on_error=telemetry.limiter_failed,
    )


def redis_credentials(settings: Settings) -> "ManagedIdentity | None":
    """Return the identity by which the simulator signs in; None where the URL has all that it takes."""
    if not settings.redis_identity:
        return None
    from simulator.limits.identity import ManagedIdentity

    return ManagedIdentity(settings.redis_client_id or None)
