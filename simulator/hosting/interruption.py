"""The first signal to stop interrupts as Ctrl-C does; the next ones kill, for the process is at its end."""

import signal
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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


def stop_for_none() -> None:
    """Ignore signals from here on: what is left is short, and must not stay undone."""
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
