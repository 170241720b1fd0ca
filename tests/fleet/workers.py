"""Processes with the same fleet and the same Redis, forked: each asks, and prints a line of what it got.

Arguments: the fleet file, the URL of Redis, how many requests each sends to each resource, their
most tokens, and how many processes there are. Forking after the imports makes one cost milliseconds.
"""

import asyncio
import json
import os
import sys
from typing import Any

from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from tests.conftest import KEY, NO_LATENCY
from tests.fleet.conftest import CHAT
from tests.support.asking import ask


async def main(fleet: str, redis_url: str, requests: int, most: int) -> None:
    settings: dict[str, Any] = {"fleet_path": fleet, "redis_url": redis_url, **NO_LATENCY}
    simulator = create_simulator(Settings(api_key=KEY, **settings))
    admitted = {"a": 0, "b": 0}
    for _ in range(requests):
        for resource in admitted:
            path = f"/resources/{resource}/openai/deployments/chat/chat/completions"
            reply = await ask(simulator, path, {**CHAT, "max_tokens": most})
            admitted[resource] += reply.status == 200
    await simulator.close()
    # In one piece: `print` may write the line's end apart, and the others write to the same pipe.
    os.write(sys.stdout.fileno(), f"{json.dumps(admitted)}\n".encode())


def fork(fleet: str, redis_url: str, requests: int, most: int) -> int:
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(main(fleet, redis_url, requests, most))
        finally:
            os._exit(0)
    return child


if __name__ == "__main__":
    file, url, *numbers = sys.argv[1:]
    each, tokens, processes = map(int, numbers)
    for child in [fork(file, url, each, tokens) for _ in range(processes)]:
        os.waitpid(child, 0)
