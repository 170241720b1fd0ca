"""The counts of all instances, in Redis: one atomic script for each request that a rule matches."""

from collections.abc import Awaitable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar, cast

import msgspec
from redis.asyncio import Redis
from redis.auth.err import RequestTokenErr
from redis.exceptions import RedisError

from simulator.rules.counts import Acting, Candidate, CountsError, Tally

_KEY = "azure-openai-simulator:{rules}:counts"
# Seconds after which counts that nothing adds to are forgotten.
_KEPT = 7 * 86_400

T = TypeVar("T")


class RedisCounts:
    def __init__(self, client: Redis, key: str = _KEY) -> None:
        self._client = client
        self._key = key
        script = Path(__file__).with_name("counts.lua").read_text(encoding="utf-8")
        self._decide = client.register_script(script)

    async def decide(self, candidates: Sequence[Candidate]) -> Sequence[Acting]:
        listed = msgspec.json.encode([_listed(candidate) for candidate in candidates])
        reply = await _answered(
            cast("Awaitable[list[int]]", self._decide([self._key], [listed, _KEPT]))
        )
        return [Acting(*pair) for pair in zip(reply[::2], reply[1::2], strict=True)]

    async def read(self, keys: Sequence[str]) -> Sequence[Tally]:
        if not keys:
            return []
        names = [f"{key}:{what}" for key in keys for what in "ma"]
        reply = cast("Awaitable[list[bytes | None]]", self._client.hmget(self._key, names))
        found = [int(value or 0) for value in await _answered(reply)]
        return [Tally(*pair) for pair in zip(found[::2], found[1::2], strict=True)]

    async def reset(self, keys: Iterable[str]) -> None:
        names = [f"{key}:{what}" for key in keys for what in "ma"]
        if names:
            await _answered(self._client.hdel(self._key, *names))

    async def close(self) -> None:
        await self._client.aclose()


def _listed(candidate: Candidate) -> list[object]:
    return [
        candidate.key,
        candidate.skip,
        -1 if candidate.times is None else candidate.times,
        -1 if candidate.probability is None else candidate.probability,
        candidate.seed,
        candidate.draw,
        int(candidate.additive),
    ]


async def _answered(reply: Awaitable[T]) -> T:
    try:
        return await reply
    except (RedisError, RequestTokenErr, OSError) as error:
        raise CountsError(str(error)) from error
