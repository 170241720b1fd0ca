"""The end of the local host: a signal ends it in time, and clients that are cut off get a 503."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from starlette.types import Send

from simulator.hosting.bounds import STOPPING

_AFTER_GRACE = 1.5
"""Seconds for what is left to do after the grace period: letting go of stores and connections."""
_AT_ONCE = 1.0
"""Seconds after a second signal."""
_CUT_OFF = 0.5
"""Seconds in which what was cut off answers its client."""
_FAREWELL = 0.05
"""Seconds in which connections end by themselves after the last answer."""
_SIGNALLED = 128
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppingServer(uvicorn.Server):
    """uvicorn's server, which ends at most 1.5 seconds after its grace period, whatever hangs, and at
    once after a second signal of any kind.
    """

    _captures = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        again = self.should_exit
        super().handle_exit(sig, frame)
        self.force_exit = self.force_exit or again
        grace = self.config.timeout_graceful_shutdown or 0
        seconds = _AT_ONCE if again else grace + _AFTER_GRACE
        # On a thread, for the loop may be what hangs; threads that hang do not hold up this end.
        end = threading.Timer(seconds, os._exit, [_SIGNALLED + sig])
        end.daemon = True
        end.start()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Like uvicorn's, and the end of the terminal ends it as well, as SIGTERM does. Of several that are
        nested the outermost captures: around an event loop, whose own code no signal may interrupt.
        """
        if self._captures:
            yield
            return
        self._captures = True
        with super().capture_signals(), hang_up(self._hang_up):
            yield

    def _hang_up(self) -> None:
        # A shell and the kernel may both report the end of a terminal, which is no second wish.
        if not self.should_exit:
            self.handle_exit(signal.SIGTERM, None)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CUT_OFF)
        await self._let_go()

    async def _let_go(self) -> None:
        """Cut the connections that are still there: those over TLS wait for their clients' farewell, and
        the event loop must not be closed with any of them."""
        if self.server_state.connections:
            await asyncio.sleep(_FAREWELL)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


@contextmanager
def hang_up(end: Callable[[], None]) -> Generator[None]:
    """The context in which `end` is called when the terminal ends (SIGHUP), unless that is ignored, as
    under nohup."""
    name: Any = getattr(signal, "SIGHUP", None)  # Windows has none
    main = threading.current_thread() is threading.main_thread()
    if name is None or not main or signal.getsignal(name) is not signal.SIG_DFL:
        yield
        return

    def ended(sig: int, frame: FrameType | None) -> None:
        del sig, frame
        end()

    signal.signal(name, ended)
    try:
        yield
    finally:
        signal.signal(name, signal.SIG_DFL)


def cut_off(send: Send) -> bool:
    """Answer 503 instead of what was under way, or cut what has begun; return False for a server that
    is not uvicorn.
    """
    cycle: Any = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        return False
    if not cycle.response_started:
        transport.write(STOPPING)
    cycle.response_started = cycle.response_complete = True
    transport.close()
    return True


def interrupt_once() -> None:
    """Have the first SIGINT or SIGTERM raise KeyboardInterrupt. One more, raised wherever Python is in its
    last moments, would be a traceback.
    """
    for one in _SIGNALS:
        if signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, _interrupt)


def _interrupt(sig: int, frame: FrameType | None) -> NoReturn:
    del sig, frame
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_DFL)
    raise KeyboardInterrupt


@contextmanager
def undisturbed_end() -> Generator[None]:
    """The context after which signals are ignored: what is left is short, and must not stay undone."""
    try:
        yield
    finally:
        for one in _SIGNALS:
            signal.signal(one, signal.SIG_IGN)
