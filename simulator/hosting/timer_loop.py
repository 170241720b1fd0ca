"""The timers of the local Functions host."""

import logging
from collections.abc import Awaitable, Callable

from simulator.hosting.triggers import TimerTrigger

logger = logging.getLogger(__name__)

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


async def run_timer(trigger: TimerTrigger, clock: Clock, sleep: Sleep) -> None:
    """Calls the timer's handler at each moment of its schedule, until it is cancelled.

    `clock` returns seconds since the epoch. As in the host, moments that pass while the handler
    runs are left out, and a handler that fails is logged and called again the next time.
    """
    from azure.functions.timer import TimerRequest
    from croniter import croniter

    while True:
        now = clock()
        moments = croniter(trigger.schedule, now, second_at_beginning=True)
        await sleep(moments.get_next(float) - now)
        try:
            await trigger.handler(TimerRequest())
        except Exception:
            logger.exception("the timer %s failed", trigger.name)
