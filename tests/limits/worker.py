"""One of several processes that share a limit: asks as fast as it may, prints what was admitted.

Arguments: the server's URL, the key prefix, and for how many seconds. It says when it is ready, and
begins with the next line of its input.
"""

import asyncio
import json
import sys
import time

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import find_model
from simulator.errors import RateLimited
from simulator.limits.admission import Charge, RateLimiter
from simulator.limits.redis_store import RedisStore, connect
from simulator.limits.refusal import Refusals
from simulator.limits.window import WindowLengths

REQUESTS, TOKENS, COST = 100, 200, 2
WINDOW = 1.0


async def main(url: str, prefix: str, seconds: float) -> None:
    store = RedisStore(
        connect(url), prefix=prefix, lengths=WindowLengths(slice=WINDOW, window=WINDOW)
    )
    limits = RateLimiter(store, Refusals("East US 2"))
    deployment = Deployment("gpt", find_model("gpt-4o"), TOKENS, REQUESTS)
    ticket = Charge("ChatCompletions_Create", "2024-10-21", tokens=COST)
    admitted: list[tuple[float, float]] = []
    print("ready", flush=True)
    sys.stdin.readline()
    stop = time.time() + seconds
    while (sent := time.time()) < stop:
        try:
            await limits.admit(deployment, ticket)
            admitted.append((sent, time.time()))
        except RateLimited:
            await asyncio.sleep(0.001)
    await store.close()
    print(json.dumps(admitted))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
