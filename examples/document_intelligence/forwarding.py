"""Record mode: requests go on to a resource of their own, and only final answers are recorded."""

import json

from simulator.extensions import ApiKey, Forward, Forwarder, Received, Request

from .keys import HEADER, ROUTES

UNDER_WAY = ("notStarted", "running")


def is_final(received: Received) -> bool:
    """Not what is told of an analysis under way: replayed, it would never end."""
    if received.status != 200 or "json" not in received.headers.get("content-type", ""):
        return True
    return json.loads(received.body).get("status") not in UNDER_WAY


def forwarder(endpoint: str, key: str) -> Forwarder:
    credential = ApiKey(key, header=HEADER)

    async def forward(request: Request) -> Forward | None:
        if not request.path.startswith(ROUTES):
            return None
        return Forward(request, endpoint, credential, keeps=is_final)

    return forward
