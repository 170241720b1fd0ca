"""Asks a package one chat question through the worker library that it holds, and prints the answer.

Run by a bare interpreter (`-I -S`) in the folder of the unpacked package. Nothing but that folder is
on the path, and nothing but this machine can be reached: each address that is asked for or
connected to is printed, too, and refused unless it is the loopback's.
"""

import asyncio
import contextlib
import fcntl
import json
import os
import socket
import struct
import sys
import time
import types
import urllib.request
import uuid
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROUTE = "/openai/deployments/gpt-4o/chat/completions"
KEY = "the-key-of-the-package"
LOOPBACK = {"127.0.0.1", "localhost", "::1", None}
UP = 0x41  # IFF_UP | IFF_RUNNING
reached: list[str] = []


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if host not in LOOPBACK:
        reached.append(str(host))
        raise OSError(f"no network: {host}")


def raise_loopback() -> None:
    """A network namespace of its own begins with everything down; elsewhere this is not allowed."""
    with contextlib.suppress(PermissionError), socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", UP))  # SIOCSIFFLAGS


def ask(uri: str, invocation: str) -> bytes:
    body = {"messages": [{"role": "user", "content": "What is Azure?"}], "max_tokens": 5}
    request = urllib.request.Request(  # noqa: S310 - the worker's own address
        f"{uri}{ROUTE}?api-version=2024-10-21",
        json.dumps(body).encode(),
        {"api-key": KEY, "content-type": "application/json", "x-ms-invocation-id": invocation},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
        return response.read()


async def main() -> None:
    from tests.functions.worker import Worker, http_input

    worker = Worker()
    await worker.start()
    http = worker.triggers().http
    name = next(trigger.name for trigger in http if trigger.template.endswith("chat/completions"))
    function = next(found for found in worker.functions if found.name == name)
    invocation = str(uuid.uuid4())
    inputs = http_input({"deployment": "gpt-4o"})
    _, answer = await asyncio.gather(
        worker.invoke(function.function_id, invocation, inputs),
        asyncio.to_thread(ask, worker.uri, invocation),
    )
    modules = {Path(str(module.__file__)) for module in _loaded() if module.__file__}
    strange = sorted(str(path) for path in modules if not _at_home(path))
    seconds = time.perf_counter() - started
    found = {"answer": json.loads(answer), "reached": reached, "strange": strange}
    print(json.dumps({**found, "seconds": round(seconds, 2)}), flush=True)


def _loaded() -> list[types.ModuleType]:
    return [module for module in list(sys.modules.values()) if hasattr(module, "__file__")]


def _at_home(path: Path) -> bool:
    return path.is_relative_to(FOLDER) or path.is_relative_to(Path(os.__file__).parent)


started = time.perf_counter()
raise_loopback()
sys.addaudithook(refuse)
sys.path[:0] = [str(FOLDER), str(FOLDER / ".python_packages/lib/site-packages")]
# The worker's program names it at its top for a front that is not used here.
sys.modules["httpx2"] = types.ModuleType("httpx2")
os.environ.clear()
latency = "LATENCY_OPENAI_CHAT_COMPLETIONS"
os.environ |= {"SIMULATOR_API_KEY": KEY, f"{latency}_MEAN": "0", f"{latency}_STD_DEV": "0"}
asyncio.run(main())
# The worker's own server never ends.
os._exit(0)
