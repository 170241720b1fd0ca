"""One exchange with the upstream that is being recorded: what it holds, until it lets go of it."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from simulator.messages import Request
from simulator.recordings.library import RecordingKey
from simulator.upstream.client import UpstreamAnswer
from simulator.upstream.forward import Forward
from simulator.upstream.router import Router


class Forwarding:
    """Owns the upstream's answer, with its connection and turn, and the single flight of equal
    requests. Both end with the `async with` block, or by `close`, once and whatever happens.

    A stream outlives the block that begins it: `hand_over` leaves the ending to whoever takes the
    exchange.
    """

    def __init__(
        self,
        request: Request,
        place: RecordingKey,
        *,
        clock: Callable[[], float],
        land: Callable[[bool], None],
        store_unreachable: bool,
    ) -> None:
        self.request = request
        self.place = place
        self.store_unreachable = store_unreachable
        self._clock = clock
        self._began = clock()
        self._land = land
        self._upstream: UpstreamAnswer | None = None
        self._handed_over = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._handed_over:
            self.close()

    async def send(self, router: Router, forward: Forward) -> UpstreamAnswer:
        """Return the answer, which `close` gives up. Raises as `Router.send`."""
        self._upstream = await router.send(forward)
        return self._upstream

    def hand_over(self) -> Self:
        """Return the exchange to somebody who closes it."""
        self._handed_over = True
        return self

    def stored(self) -> None:
        """Report to equal requests that they find the answer in the store."""
        self._land(True)

    def close(self) -> None:
        if self._upstream is not None:
            self._upstream.close()
        self._land(False)

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._began
