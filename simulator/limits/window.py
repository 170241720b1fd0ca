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

from msgspec import Struct

from simulator.limits.quota import LimitKind, StandardLimits

GRAINS = 600
SECOND = 1_000_000
# The wait of a request that alone exceeds the limit (seen by users of the real service).
NEVER = 86_400 * SECOND


class Decision(Struct, frozen=True):
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
    """The requests and the tokens of the last `span` microseconds; every method takes constant time,
    amortised."""

    __slots__ = ("_end", "_entries", "_grain", "_span", "full_until", "requests", "tokens")

    def __init__(self, span: int) -> None:
        self._span = span
        self._grain = max(1, span // GRAINS)
        self._entries: deque[list[int]] = deque()  # [first arrival, last arrival, requests, tokens]
        self._end = 0
        """The moment from which arrivals are no part of the newest entry."""
        self.requests = self.tokens = 0
        self.full_until = 0
        """The moment before which nothing that was admitted leaves: until then `expire` has nothing to do."""

    def expire(self, now: int) -> None:
        """Forget what is older than the span; comes before every other call at `now`."""
        entries = self._entries
        gone = now - self._span
        while entries and entries[0][1] <= gone:
            _, _, requests, tokens = entries.popleft()
            self.requests -= requests
            self.tokens -= tokens
        self.full_until = (entries[0][1] if entries else now) + self._span

    def add(self, now: int, tokens: int) -> None:
        self.requests += 1
        self.tokens += tokens
        if now < self._end:
            entry = self._entries[-1]
            entry[1] = now
            entry[2] += 1
            entry[3] += tokens
        else:
            self._end = now + self._grain
            self._entries.append([now, now, 1, tokens])

    def wait_for_request(self, now: int, limit: int) -> int:
        """Microseconds until one more request fits under `limit`; `NEVER` if none ever does."""
        return NEVER if limit < 1 else self._wait(now, self.requests + 1 - limit, 2)

    def wait_for_tokens(self, now: int, tokens: int, limit: int) -> int:
        """Microseconds until the tokens fit under `limit`; `NEVER` if they are more than the limit."""
        return NEVER if tokens > limit else self._wait(now, self.tokens + tokens - limit, 3)

    def _wait(self, now: int, excess: int, member: int) -> int:
        """Microseconds until so much of a member of the entries has left."""
        if excess <= 0:
            return 0
        freed = accumulate(entry[member] for entry in self._entries)
        last = next(
            entry[1] for entry, total in zip(self._entries, freed, strict=True) if total >= excess
        )
        return last + self._span - now


class StandardWindows:
    """The windows of one standard deployment, taken together or not at all.

    Requests count in a slice (10 s unless set otherwise) and in the minute, tokens in the minute. A
    refused request is not charged, so a client that waits for the `retry-after` is admitted.
    """

    __slots__ = ("_lengths", "_limits", "_minute", "_per_slice", "_slice")

    def __init__(self, lengths: WindowLengths) -> None:
        self._lengths = lengths
        self._minute = Window(round(lengths.window * SECOND))
        self._slice = Window(round(lengths.slice * SECOND))
        self._limits: StandardLimits | None = None
        self._per_slice = 0

    def used(self, now: int) -> Decision:
        """Return the counts of the last minute; nothing is charged."""
        self._minute.expire(now)
        return Decision(self._minute.requests, self._minute.tokens)

    def hit(self, now: int, limits: StandardLimits, tokens: int) -> Decision:
        """Admit a request that costs `tokens`, or say how long it has to wait."""
        minute, slice_ = self._minute, self._slice
        if now >= minute.full_until:
            minute.expire(now)
        if now >= slice_.full_until:
            slice_.expire(now)
        per_minute, token_limit = limits.requests_per_minute, limits.tokens_per_minute
        for_requests = for_tokens = 0
        if per_minute is not None:
            if limits is not self._limits:
                self._limits = limits
                self._per_slice = limits.requests_per_slice(
                    self._lengths.slice, self._lengths.window
                )
            if slice_.requests >= self._per_slice or minute.requests >= per_minute:
                for_requests = max(
                    slice_.wait_for_request(now, self._per_slice),
                    minute.wait_for_request(now, per_minute),
                )
        if token_limit is not None and minute.tokens + tokens > token_limit:
            for_tokens = minute.wait_for_tokens(now, tokens, token_limit)
        if for_requests or for_tokens:
            cause: LimitKind = "requests" if for_requests > for_tokens else "tokens"
            wait = max(for_requests, for_tokens)
            return Decision(minute.requests, minute.tokens, wait, cause)
        minute.add(now, tokens)
        slice_.add(now, tokens)
        return Decision(minute.requests, minute.tokens)
