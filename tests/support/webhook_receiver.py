"""A server that takes webhooks, and what it has received."""

import asyncio
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PATIENCE = 30.0


class Received(NamedTuple):
    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """A server that takes note of what is posted; below /elsewhere it redirects.

    `answers` are the statuses of the next answers to a path, where they are not 204.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, list[int]] = {}
        noted, answers = self.received, self.answers

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                noted.append(Received(self.path, dict(self.headers), body))
                usual = 302 if self.path.startswith("/elsewhere") else 204
                given = answers.get(self.path)
                self.send_response(given.pop(0) if given else usual)
                self.send_header("location", "/redirected")
                self.end_headers()

            def do_GET(self) -> None:
                noted.append(Received(self.path, dict(self.headers), b""))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def at(self, path: str, number: int = 1) -> list[Received]:
        """What has come to a path, once there is this much of it."""
        return until(lambda: [one for one in self.received if one.path == path], number)

    async def arrived(self, path: str, number: int) -> list[Received]:
        """Like `at`, for senders that run on the same loop."""
        deadline = time.monotonic() + PATIENCE
        while len(self.at(path, 0)) < number and time.monotonic() < deadline:  # noqa: ASYNC110 - a thread receives
            await asyncio.sleep(0.01)
        return self.at(path, 0)


def until(look: Callable[[], list[Any]], number: int) -> list[Any]:
    deadline = time.monotonic() + PATIENCE
    while len(found := look()) < number and time.monotonic() < deadline:
        time.sleep(0.01)
    return found
