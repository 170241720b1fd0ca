"""The interface through which an extension says how requests go on to an upstream."""

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from simulator.messages import Request
from simulator.upstream.credentials import Credential


class Received(Struct, frozen=True):
    """A successful answer of the upstream; header names are lower-case, a stream is whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_RECORDED = frozenset({200, 201})


def _usual(received: Received) -> bool:
    return received.status in _RECORDED


class Forward(Struct, frozen=True):
    """The request to be sent on, its endpoint, and the choice of answers that are recorded.

    An empty `endpoint` is that of `AZURE_OPENAI_ENDPOINT`, and then, without a `credential`, its
    key is sent along; to another endpoint it never is. `keeps` is called with each success; by
    default what has the status 200 or 201 is recorded.
    The recording is found by the request as the client sent it, however it is altered.
    """

    request: Request
    endpoint: str = ""
    credential: Credential | None = None
    keeps: Callable[[Received], bool] = _usual


Forwarder = Callable[[Request], Awaitable[Forward | None]]
"""Returns how a request goes on, or None where that is not its business."""
