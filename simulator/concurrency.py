"""Threads beside the event loop: which work is too long for the loop, and where it goes."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")

# Work on bodies above this size (bytes) leaves the event loop: parsing and counting tokens take about
# 1 ms per 10 KB, which is what other requests may have to wait.
OFF_LOOP_BYTES = 32_768


async def off_loop(size: int, function: Callable[[], R]) -> R:
    """The function's result, worked out on a thread if `size` bytes would hold up the event loop."""
    if size <= OFF_LOOP_BYTES:
        return function()
    return await asyncio.to_thread(function)
