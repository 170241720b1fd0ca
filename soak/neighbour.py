"""A neighbour: a client in a process of its own, whose waits show what others do to it.

`python -m soak.neighbour PORT` asks for the health until its input ends, then prints its worst wait in
seconds and how often it was not answered.
"""

import asyncio
import select
import socket
import sys
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_EVERY = 0.1
_LONGEST = 30.0
_REQUEST = b"GET /++/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


class Neighbour:
    """Asks ten times a second on new connections, while its block runs."""

    def __init__(self, url: str) -> None:
        self._port = str(urlsplit(url).port)
        self.worst = 0.0
        self.failed = 0

    async def __aenter__(self) -> Self:
        command = [sys.executable, "-m", "soak.neighbour", self._port]
        self._process = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        output, _ = await self._process.communicate(b"")
        worst, failed = output.split()
        self.worst, self.failed = float(worst), int(failed)


def _ask(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_LONGEST) as connection:
            connection.sendall(_REQUEST)
            return connection.recv(12) == b"HTTP/1.1 200"
    except OSError:
        return False


def main(port: int) -> None:
    worst, failed = 0.0, 0
    while not select.select([sys.stdin], [], [], _EVERY)[0]:
        began = time.monotonic()
        failed += not _ask(port)
        worst = max(worst, time.monotonic() - began)
    print(worst, failed)


if __name__ == "__main__":
    main(int(sys.argv[1]))
