"""Asks a package one chat question through the worker library that it holds, and prints the answer.

Run by a bare interpreter (`-I -S`) in the folder of the unpacked package. Nothing but that folder is
on the path, and nothing but this machine can be reached: each address that is asked for or
connected to is printed, too, and refused unless it is the loopback's.

Two JSON objects are read as arguments: all of the environment, and names that stand for a port of
this machine. A start that fails prints what the host would log.
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
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
CHAT = "openai/deployments/gpt-4o/chat/completions"
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


def resolve(host: Any, port: Any, *arguments: Any, **named: Any) -> list[Any]:
    """The real `getaddrinfo` but for the names that stand for a port of this machine."""
    if host in named_ports:
        address = ("127.0.0.1", named_ports[host])
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]
    return looked_up(host, port, *arguments, **named)


def send(address: str, invocation: str, body: object) -> dict[str, Any]:
    headers = {
        "api-key": os.environ["SIMULATOR_API_KEY"],
        "content-type": "application/json",
        "x-ms-invocation-id": invocation,
    }
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, content, headers)  # noqa: S310 - the worker's own
    try:
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            return {
                "status": response.status,
                "headers": dict(response.headers),
                **body_of(response),
            }
    except urllib.error.HTTPError as error:
        return {"status": error.code, "headers": dict(error.headers), **body_of(error)}


def body_of(response: Any) -> dict[str, Any]:
    return {"body": json.loads(response.read() or b"null")}


async def ask(worker: Any, path: str, body: object = None) -> dict[str, Any]:
    """The answer to a request that the worker is given as the host gives it: as invocation and HTTP."""
    from tests.functions.worker import http_input

    name = "chat_completions" if path.startswith(CHAT) else "catch_all"
    values = {"deployment": "gpt-4o"} if path.startswith(CHAT) else {"path": path}
    function = next(found for found in worker.functions if found.name == name)
    invocation = str(uuid.uuid4())
    _, answer = await asyncio.gather(
        worker.invoke(function.function_id, invocation, http_input(values)),
        asyncio.to_thread(send, f"{worker.uri}/{path}", invocation, body),
    )
    return answer


async def main() -> None:
    from tests.functions.worker import Worker

    worker = Worker()
    try:
        await worker.start()
    except SystemExit as stopped:
        print(json.dumps({"stopped": str(stopped)}), flush=True)
        return
    question = {"messages": [{"role": "user", "content": "What is Azure?"}], "max_tokens": 5}
    chat = await ask(worker, f"{CHAT}?api-version=2024-10-21", question)
    ready = await ask(worker, "++/ready")
    for _ in range(30):  # a machine under load takes its time for a first connection
        if ready["status"] == 200:
            break
        await asyncio.sleep(1)
        ready = await ask(worker, "++/ready")
    modules = {Path(str(module.__file__)) for module in _loaded() if module.__file__}
    strange = sorted(str(path) for path in modules if not _at_home(path))
    seconds = time.perf_counter() - started
    found = {"chat": chat, "ready": ready, "reached": reached, "strange": strange}
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
environment, named_ports = map(json.loads, sys.argv[1:])
looked_up, socket.getaddrinfo = socket.getaddrinfo, resolve
os.environ.clear()
os.environ |= environment
asyncio.run(main())
# The worker's own server never ends.
os._exit(0)
