"""The departure of a client: whoever leaves before the answer ends the work on it."""

import asyncio
import threading

from starlette.types import Receive

WATCHED_AFTER = 0.125
"""Seconds, up to twice as many. Most answers are there sooner, and a watch costs a task."""


class _Rounds(threading.local):
    """Begins the watches of one event loop with one timer for all of them."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._young: dict[Departure, None] = {}
        self._old: dict[Departure, None] = {}

    def add(self, departure: "Departure") -> dict["Departure", None]:
        """Return those whose watches begin together with this one's, unless they are taken out."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._young, self._old = loop, {}, {}
            loop.call_later(WATCHED_AFTER, self._next)
        self._young[departure] = None
        return self._young

    def _next(self) -> None:
        for departure in self._old:
            departure.begin()
        self._old, self._young = self._young, {}
        if self._old and self._loop is not None:
            self._loop.call_later(WATCHED_AFTER, self._next)
        else:
            self._loop = None


_rounds = _Rounds()


class Departure:
    """Cancels the current task when the client leaves. `receive` is ASGI's, which takes its time
    after the body of the request until the client has left.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._work = asyncio.current_task()
        self._watching: asyncio.Task[None] | None = None
        self._round: dict[Departure, None] | None = None
        self._left = False

    def watch(self) -> None:
        """Begin, now that the body of the request has been read."""
        self._round = _rounds.add(self)

    def end(self) -> None:
        if self._round is not None:
            self._round.pop(self, None)
        if self._watching is not None:
            self._watching.cancel()

    def caused(self) -> bool:
        """Return whether the cancellation that was just caught is this one, and no other is due."""
        return self._left and self._work is not None and self._work.uncancel() == 0

    def begin(self) -> None:
        """Have a task look whether the client has left."""
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        if self._work is not None:
            self._work.cancel()
