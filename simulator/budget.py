"""A request's budget of work: seconds of CPU and steps, of which each part of the work takes."""

from collections.abc import Callable

# Steps, and those after which the clock is read again.
_MOST_STEPS = 50_000_000
_UNCHECKED = 2_000


class BudgetExceeded(Exception):
    """The work took longer, or more steps, than one request may take."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Budget:
    """Counts what is worked for one request; it belongs to the thread that works.

    `clock` gives the seconds that this thread has worked (`time.thread_time`), so that a busy
    machine does not turn into a refusal. It is first read when work begins.
    """

    __slots__ = ("_clock", "_ends", "_seconds", "_steps", "_unchecked")

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._steps = _MOST_STEPS
        self._ends: float | None = None
        self._unchecked = 0

    def work(self, steps: int = 1) -> None:
        """Take steps of about a tenth of a microsecond to ten; raises BudgetExceeded."""
        self._unchecked += steps
        if self._unchecked >= _UNCHECKED or self._ends is None:
            self._check()

    def _check(self) -> None:
        self._steps -= self._unchecked
        self._unchecked = 0
        moment = self._clock()
        if self._ends is None:
            self._ends = moment + self._seconds
        if moment >= self._ends:
            raise BudgetExceeded(f"it takes more than {self._seconds:g} seconds of work")
        if self._steps < 0:
            raise BudgetExceeded("it takes too many steps")
