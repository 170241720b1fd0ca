"""One of several processes with the same fleet and the same Redis: asks, and prints what it got.

Arguments: the fleet file, the URL of Redis, how many requests to send to each resource, and their
most tokens.
"""

import asyncio
import json
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
    print(json.dumps(admitted))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
