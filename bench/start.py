"""The part `start`: how long a start takes."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from bench.chats import chats
from bench.rows import Row
from bench.servers import ROOT, free_port, started_simulator

_TIMES = 4
_IMPORT = """
import time
began, spent = time.perf_counter(), time.process_time()
import function_app
print(time.perf_counter() - began, time.process_time() - spent)
"""


def start() -> Iterator[Row]:
    """Of several starts the least disturbed one."""
    request = chats()[0]
    first = min(_first_answer(request) for _ in range(_TIMES))
    yield Row("process start to first chat answer", first, "s", 1.5)
    imports = [_import_time() for _ in range(_TIMES)]
    yield Row("import of function_app", min(wall for wall, _ in imports), "s", 0.6)
    yield Row("import of function_app, CPU", min(cpu for _, cpu in imports), "s", 0.74)


def _first_answer(request: bytes) -> float:
    port = free_port()
    began = time.perf_counter()
    with started_simulator(port):
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                    connection.sendall(request)
                    if not connection.recv(20).startswith(b"HTTP/1.1 200"):
                        raise RuntimeError("the first answer was not 200")
                    return time.perf_counter() - began
            except ConnectionError:
                time.sleep(0.002)


def _import_time() -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT],
        env={"SIMULATOR_API_KEY": "bench"},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    wall, cpu = map(float, done.stdout.split())
    return wall, cpu
