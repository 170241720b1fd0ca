"""The departure of a client: whoever leaves before the answer ends the work on it."""

import asyncio

from starlette.types import Receive

WATCHED_AFTER = 0.25
"""Seconds. Most answers are there sooner, and a watch costs a task."""


class Departure:
    """Cancels the current task when the client leaves. `receive` is ASGI's, which takes its time
    after the body of the request until the client has left.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._work = asyncio.current_task()
        self._timer: asyncio.TimerHandle | None = None
        self._watching: asyncio.Task[None] | None = None
        self._left = False

    def watch(self) -> None:
        """Begin, now that the body of the request has been read."""
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(WATCHED_AFTER, self._begin)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def caused(self) -> bool:
        """Return whether the cancellation that was just caught is this one, and no other is due."""
        return self._left and self._work is not None and self._work.uncancel() == 0

    def _begin(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        if self._work is not None:
            self._work.cancel()
