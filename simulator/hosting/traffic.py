"""The connections of one server: how many there are, and which have stood still for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.hosting.bounds import Bounds
from simulator.hosting.turns import Turns

if TYPE_CHECKING:
    from simulator.hosting.bounded_protocol import BoundedProtocol

_SWEEP_SECONDS = 1.0
_REFUSALS_EACH_ROUND = 64


class Traffic:
    """The connections of one server, and the requests in flight on them.

    `shed` is called for each request that is refused because there are too many.
    """

    def __init__(self, bounds: Bounds, shed: Callable[[], None]) -> None:
        self.bounds = bounds
        self.shed = shed
        self.turns = Turns()
        self.refusals = Turns(_REFUSALS_EACH_ROUND)
        self.silent: dict[BoundedProtocol, None] = {}
        """Connections that have not sent the head of a request yet, the oldest first."""
        self.turned_away = 0
        self._protocols: set[BoundedProtocol] = set()
        self._swept = False

    def add(self, protocol: BoundedProtocol) -> bool:
        """Return whether there is room for the connection, if need be that of the oldest silent one."""
        fits = len(self._protocols) - self.turned_away < self.bounds.connections
        if not fits and self.silent:
            oldest = next(iter(self.silent))
            self.remove(oldest)
            oldest.transport.abort()
            fits = True
        self._protocols.add(protocol)
        self.silent[protocol] = None
        self._watch()
        return fits

    def remove(self, protocol: BoundedProtocol) -> None:
        self._protocols.discard(protocol)
        self.silent.pop(protocol, None)

    def _watch(self) -> None:
        if not self._swept:
            self._swept = True
            asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._swept = False
        now = asyncio.get_running_loop().time()
        for protocol in list(self._protocols):
            protocol.expire(now)
        if self._protocols:
            self._watch()
