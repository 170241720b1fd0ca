"""Who may call: the key comes in the header of Azure AI services."""

from simulator.extensions import Key, Request

ROUTES = "/documentintelligence/"
HEADER = "ocp-apim-subscription-key"


async def subscription_key(request: Request, key: Key) -> bool | None:
    """None for other routes, and for a bearer token: the simulator checks those itself."""
    if not request.path.startswith(ROUTES) or HEADER not in request.headers:
        return None
    return key.matches(request.headers[HEADER])
