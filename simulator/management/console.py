"""`/++/console`, and `/` for a browser: the console's page and its files, which hold no data."""

import functools
import hashlib
from pathlib import Path

from simulator.errors import ResourceNotFound
from simulator.management.base import BareManagementOperation, own_routes
from simulator.messages import Answer, Request
from simulator.operations.base import Call

FOLDER = Path(__file__).parents[1] / "console"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Console(BareManagementOperation):
    name = "console"
    routes = own_routes("GET", "console")
    anonymous = True

    async def answer(self, call: Call[None]) -> Answer:
        if not self._control.console:
            raise ResourceNotFound
        return page(call.request)


class ConsoleFile(BareManagementOperation):
    name = "console_file"
    routes = own_routes("GET", "console/{file}")
    anonymous = True

    async def answer(self, call: Call[None]) -> Answer:
        name = call.path_parameters["file"]
        if not self._control.console or name not in _files():
            raise ResourceNotFound
        return _answer(name, call.request)


def page(request: Request) -> Answer:
    """Return the page. It asks for the key itself, so it needs none."""
    return _answer("index.html", request)


def wants_page(request: Request) -> bool:
    """Return true for a browser, which accepts HTML by name."""
    return "text/html" in request.headers.get("accept", "")


def _answer(name: str, request: Request) -> Answer:
    body, etag = _files()[name]
    headers = {**_HEADERS, "etag": etag}
    if request.headers.get("if-none-match") == etag:
        return Answer.plain(b"", status=304, content_type=None, headers=headers)
    return Answer.plain(body, content_type=_TYPES[Path(name).suffix], headers=headers)


@functools.cache
def _files() -> dict[str, tuple[bytes, str]]:
    """The files by their names, each with its ETag; read when the first is requested."""
    paths = [path for path in FOLDER.rglob("*.*") if path.suffix in _TYPES]
    contents = {path.name: path.read_bytes() for path in paths}
    return {
        name: (body, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
        for name, body in contents.items()
    }
