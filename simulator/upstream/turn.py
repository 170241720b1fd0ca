"""The turn of an exchange with the upstream, one of a bounded number, and its connection."""

import asyncio
import contextlib
from collections.abc import Callable

import aiohttp


class Turn:
    """A turn and its connection, given back once, from whatever thread; it `ends` at a moment of the
    loop's clock.
    """

    def __init__(self, release: Callable[[], None], total: float) -> None:
        self._release: Callable[[], None] | None = release
        self._loop = asyncio.get_running_loop()
        self.ends = self._loop.time() + total
        self.response: aiohttp.ClientResponse | None = None

    def close(self) -> None:
        release, self._release = self._release, None
        if release is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop is closed, and its connections with it
            if self._is_on_loop():
                self._loop.call_soon(self._let_go, release)
            else:
                self._loop.call_soon_threadsafe(self._let_go, release)

    def _is_on_loop(self) -> bool:
        """Return False on another thread, where the collector of garbage may close what nobody read."""
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False

    def _let_go(self, release: Callable[[], None]) -> None:
        release()
        if self.response is not None:
            self.response.close()
