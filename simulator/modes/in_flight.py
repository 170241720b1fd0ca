"""Exchanges that are being recorded: who asks for the same one waits for it."""

import asyncio
from collections.abc import Callable

Land = Callable[[bool], None]


class InFlight:
    """The recordings in flight, by name."""

    def __init__(self) -> None:
        self._exchanges: dict[str, asyncio.Future[bool]] = {}

    async def landed(self, name: str) -> bool:
        """Wait for the exchange of this name, if one is in flight; return True if it was stored."""
        exchange = self._exchanges.get(name)
        return exchange is not None and await asyncio.shield(exchange)

    def start(self, name: str) -> Land:
        """Notes that it has begun. Calling the result, once or more often, says how it has ended.

        Whoever waited in vain starts together with the others, and none waits for another again.
        """
        if name in self._exchanges:
            return _nobody_waits
        exchange: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._exchanges[name] = exchange

        def land(stored: bool) -> None:
            if self._exchanges.get(name) is exchange:
                del self._exchanges[name]
            if not exchange.done() and not exchange.get_loop().is_closed():
                exchange.set_result(stored)

        return land


def _nobody_waits(stored: bool) -> None:
    del stored
