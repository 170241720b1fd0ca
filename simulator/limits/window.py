"""The arithmetic of standard deployments: how much was admitted in the last minute and slice.

Times are whole microseconds, given by the caller. A window is sliding: what was admitted at `t`
counts in `[t, t + span)`. Arrivals within one grain, a six-hundredth of the span, are stored as one
entry that leaves when its last arrival does. So a window holds at most 601 entries whatever the
rate, admits never more than the limit in any interval of the span, and under dense demand admits
the limit once per span and grain, at least 99.8 % of it.
"""

from collections import deque
from itertools import accumulate
from typing import NamedTuple

from simulator.limits.quota import LimitKind, StandardLimits

GRAINS = 600
SECOND = 1_000_000
# The wait of a request that alone exceeds the limit (seen by users of the real service).
NEVER = 86_400 * SECOND


class Decision(NamedTuple):
    """The decision on a request, and the counts of the last minute, this request included.

    `wait` is 0 for an admitted request, else the microseconds until it would be, if nobody else
    came; `cause` is the limit that makes it wait.
    """

    requests: int
    tokens: int
    wait: int = 0
    cause: LimitKind = "tokens"


class WindowLengths(NamedTuple):
    """The lengths of the windows in seconds: limits are per `window`, requests also per `slice`."""

    slice: float = 10
    window: float = 60


class Window:
    """A sum over the last `span` microseconds; every method takes constant time, amortised."""

    __slots__ = ("_entries", "_grain", "_span", "used")

    def __init__(self, span: int) -> None:
        self._span = span
        self._grain = max(1, span // GRAINS)
        self._entries: deque[list[int]] = deque()  # [first arrival, last arrival, amount]
        self.used = 0

    def expire(self, now: int) -> None:
        """Forget what is older than the span; comes before every other call at `now`."""
        entries = self._entries
        gone = now - self._span
        while entries and entries[0][1] <= gone:
            self.used -= entries.popleft()[2]

    def add(self, now: int, amount: int) -> None:
        self.used += amount
        entries = self._entries
        if entries and now - entries[-1][0] < self._grain:
            entry = entries[-1]
            entry[1] = now
            entry[2] += amount
        else:
            entries.append([now, now, amount])

    def wait(self, now: int, amount: int, limit: int) -> int:
        """Microseconds until `amount` fits under `limit`; `NEVER` if it is more than the limit."""
        excess = self.used + amount - limit
        if excess <= 0:
            return 0
        if amount > limit:
            return NEVER
        freed = accumulate(amount for _, _, amount in self._entries)
        last = next(
            last
            for (_, last, _), total in zip(self._entries, freed, strict=True)
            if total >= excess
        )
        return last + self._span - now


class StandardWindows:
    """The windows of one standard deployment, taken together or not at all.

    Requests count in a slice (10 s unless set otherwise) and in the minute, tokens in the minute. A
    refused request is not charged, so a client that waits for the `retry-after` is admitted.
    """

    __slots__ = ("_lengths", "_limits", "_per_slice", "_requests", "_slice", "_tokens")

    def __init__(self, lengths: WindowLengths) -> None:
        self._lengths = lengths
        self._requests = Window(round(lengths.window * SECOND))
        self._tokens = Window(round(lengths.window * SECOND))
        self._slice = Window(round(lengths.slice * SECOND))
        self._limits: StandardLimits | None = None
        self._per_slice = 0

    def used(self, now: int) -> Decision:
        """Return the counts of the last minute; nothing is charged."""
        self._requests.expire(now)
        self._tokens.expire(now)
        return Decision(self._requests.used, self._tokens.used)

    def hit(self, now: int, limits: StandardLimits, tokens: int) -> Decision:
        """Admit a request that costs `tokens`, or say how long it has to wait."""
        requests, minute, slice_ = self._requests, self._tokens, self._slice
        requests.expire(now)
        minute.expire(now)
        slice_.expire(now)
        per_minute, token_limit = limits.requests_per_minute, limits.tokens_per_minute
        for_requests = for_tokens = 0
        if per_minute is not None:
            if limits is not self._limits:
                self._limits = limits
                self._per_slice = limits.requests_per_slice(
                    self._lengths.slice, self._lengths.window
                )
            if slice_.used >= self._per_slice or requests.used >= per_minute:
                for_requests = max(
                    slice_.wait(now, 1, self._per_slice), requests.wait(now, 1, per_minute)
                )
        if token_limit is not None and minute.used + tokens > token_limit:
            for_tokens = minute.wait(now, tokens, token_limit)
        if for_requests or for_tokens:
            cause: LimitKind = "requests" if for_requests > for_tokens else "tokens"
            return Decision(requests.used, minute.used, max(for_requests, for_tokens), cause)
        requests.add(now, 1)
        minute.add(now, tokens)
        slice_.add(now, 1)
        return Decision(requests.used, minute.used)
