"""The timers of the local Functions host."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable

from simulator.triggers import Handler, TimerTrigger

logger = logging.getLogger(__name__)

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


async def run_timer(trigger: TimerTrigger, clock: Clock, sleep: Sleep) -> None:
    """Calls the timer's handler at each moment of its schedule, until it is cancelled.

    `clock` tells seconds since the epoch. As in the host, moments that pass while the handler runs
    are left out, and a handler that fails is logged and called again the next time.
    """
    from azure.functions.timer import TimerRequest
    from croniter import croniter

    while True:
        now = clock()
        moments = croniter(trigger.schedule, now, second_at_beginning=True)
        await sleep(moments.get_next(float) - now)
        try:
            await called(trigger.handler, trigger.parameter, TimerRequest())
        except Exception:
            logger.exception("the timer %s failed", trigger.name)


async def called(handler: Handler, parameter: str, value: object) -> object:
    """What the handler returns; a synchronous one runs on a thread, as in the worker."""
    if inspect.iscoroutinefunction(handler):
        return await handler(**{parameter: value})
    return await asyncio.to_thread(handler, **{parameter: value})
