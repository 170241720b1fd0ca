"""The border to Starlette: its request becomes ours, our response becomes its."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request as WebRequest
from starlette.responses import Response as WebResponse

from simulator.concurrency import close
from simulator.errors import ClientGone, ServerError
from simulator.hosting.bodies import Bodies
from simulator.hosting.broken_response import BrokenResponse
from simulator.hosting.departure import Departure
from simulator.hosting.header_lines import lines_of, pairs_of
from simulator.hosting.request_body import RequestBody
from simulator.hosting.stream_response import StreamResponse
from simulator.hosting.whole_response import WholeResponse
from simulator.messages import BODILESS, Request, Response

BodyReader = Callable[[], Awaitable[bytes]]

logger = logging.getLogger(__name__)

_SLASHES = re.compile("//+")


async def serve(
    simulator: Callable[[Request, BodyReader], Awaitable[Response]],
    request: WebRequest,
    bodies: Bodies,
) -> WebResponse:
    """Answer a Starlette request, within the bounds of bodies, until the client leaves. Nothing escapes: the
    Functions worker would answer plain text, and close the connection under the next request."""
    receive, head = request.receive, _head(request)
    departure = Departure(receive)
    body = RequestBody(receive, head.headers, bodies, departure)
    try:
        response = await simulator(head, body)
        lines = lines_of(response.headers)
    except ClientGone:
        return WebResponse(b"", status_code=400)
    except asyncio.CancelledError:
        if not departure.caused():
            raise
        return WebResponse(b"", status_code=400)
    except Exception:
        logger.exception("a request could not be answered")
        return WebResponse(
            ServerError("unknown").body(), status_code=500, media_type="application/json"
        )
    finally:
        departure.end()
        body.close()
    return await _framed(response, lines)


async def _framed(response: Response, lines: list[bytes]) -> WebResponse:
    """Return the response in the form in which its body is sent: broken off, whole or as a stream."""
    body = response.body
    if response.breakage is not None:
        return BrokenResponse(response, pairs_of(lines), response.breakage)
    if response.status in BODILESS:
        await close(body)
        return WholeResponse(response.status, lines, b"", chunked=True)
    if isinstance(body, bytes):
        return WholeResponse(response.status, lines, body, response.streamed)
    return StreamResponse(response.status, pairs_of(lines), body)


def _head(request: WebRequest) -> Request:
    scope = request.scope
    path: str = scope["path"]
    return Request(
        scope["method"],
        _SLASHES.sub("/", path) if "//" in path else path,
        scope["query_string"].decode("latin-1"),
        {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
    )
