"""The store of the counts: one call per request, for a standard and for a provisioned
deployment.
"""

from typing import Protocol

from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.window import Decision


class StoreError(Exception):
    """The store cannot be reached or does not answer; its cause says why."""


class Store(Protocol):
    """Keeps the windows and buckets by deployment name.

    The limits come with every call, so that changed limits apply at once and nothing used is
    forgotten. Every method decides and charges in one atomic step, and raises `StoreError` if it
    cannot.
    """

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        """Charge one request of `tokens` to all windows, or to none."""
        ...

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        """Charge a request of weight `tokens` to the bucket unless it is above 100 %."""
        ...

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        """Add to the bucket what a request weighed more (or less) than estimated."""
        ...

    async def used(self, name: str) -> Decision:
        """Return what the windows of a standard deployment hold; nothing is charged."""
        ...

    async def utilization(self, name: str, limits: ProvisionedLimits) -> Fill:
        """Return how full the bucket of a provisioned deployment is; nothing is charged."""
        ...

    async def forget(self, name: str) -> None:
        """Forget what was charged to a deployment, which is no more."""
        ...

    async def reset(self) -> None:
        """Forget all that was charged, to whatever deployment."""
        ...

    async def ping(self) -> None:
        """Returns if the store can be reached."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
