"""The counts of all instances, in Redis: one atomic script for the requests of a deployment that come
at the same time, on the server's clock."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import msgspec
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.auth.err import RequestTokenErr
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from simulator.limits.patience import PatientConnection, PatientTlsConnection
from simulator.limits.provisioned import Fill
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.store import StoreError
from simulator.limits.together import Together
from simulator.limits.window import SECOND, Decision, WindowLengths

SCRIPTS = Path(__file__).parent
PREFIX = "azure-openai-simulator"
NO_LIMIT = -1
_WINDOWS, _BUCKET = ("requests", "tokens", "slice"), ("bucket",)
_WHAT = (*_WINDOWS, *_BUCKET)
READ_ALONE = -1
"""The number of tokens with which the windows are read, and nothing is charged."""
REFUSED_ABOVE_FULL, NEVER_REFUSED = 1, 0
TIMEOUT = 1.0
"""Seconds without a reply after which the server counts as unreachable."""
CONNECTIONS = 52
"""One for each turn of `outage.TURNS`, and two for the probes of readiness."""
# Seconds to connect: a backstop, for its timer lapses while the event loop is busy.
_CONNECT = 5.0
# Seconds to look through all keys, those of others included.
_RESET = 30.0
# Errors of the client's parser, which it lets through, and of the conversion, for a reply without sense.
_NO_REPLY = (ValueError, TypeError, LookupError, RecursionError)
_Natural = Annotated[int, msgspec.Meta(ge=0)]

T = TypeVar("T")

logger = logging.getLogger(__name__)


class _SpoiltError(StoreError):
    """Redis answers, but not with counts: a key has another type, or holds another text."""


class RedisStore:
    """Keeps its keys under `prefix`, each with an expiry; a deployment's keys share a cluster slot.

    `clock` gives seconds and is the server's own by default, so that instances whose clocks differ
    agree. Nothing connects before the first request.
    """

    def __init__(
        self,
        client: Redis,
        *,
        lengths: WindowLengths | None = None,
        prefix: str = PREFIX,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._client = client
        self._lengths = lengths or WindowLengths()
        self._prefix = prefix
        self._clock = clock
        self._hit_script = client.register_script((SCRIPTS / "hit.lua").read_text())
        self._fill_script = client.register_script((SCRIPTS / "fill.lua").read_text())
        self._hits = Together(self._hit)
        self._fills = Together(self._fill)

    async def hit(self, name: str, limits: StandardLimits, tokens: int) -> Decision:
        return await self._hits.answer((name, limits), tokens)

    async def used(self, name: str) -> Decision:
        return await self._hits.answer((name, StandardLimits(None, None)), READ_ALONE)

    async def _hit(
        self, deployment: tuple[str, StandardLimits], tokens: Sequence[int]
    ) -> Sequence[Decision]:
        name, limits = deployment
        per_minute, per_slice = limits.requests_per_minute, NO_LIMIT
        if per_minute is not None:
            per_slice = limits.requests_per_slice(self._lengths.slice, self._lengths.window)
        arguments = [
            _or_none(per_minute),
            _or_none(limits.tokens_per_minute),
            per_slice,
            round(self._lengths.window * SECOND),
            round(self._lengths.slice * SECOND),
            self._now(),
            *tokens,
        ]
        replies = await self._replies(self._hit_script, name, _WINDOWS, arguments, len(tokens))
        return [
            Decision(requests, used, wait, "tokens" if cause else "requests")
            for requests, used, wait, cause in replies
        ]

    async def fill(self, name: str, limits: ProvisionedLimits, tokens: int) -> Fill:
        return await self._fills.answer((name, limits), (tokens, REFUSED_ABOVE_FULL))

    async def correct(self, name: str, limits: ProvisionedLimits, difference: int) -> None:
        await self._fills.answer((name, limits), (difference, NEVER_REFUSED))

    async def utilization(self, name: str, limits: ProvisionedLimits) -> Fill:
        return await self._fills.answer((name, limits), (0, NEVER_REFUSED))

    async def forget(self, name: str) -> None:
        await self._reply(self._client.unlink(*self._paths(name, _WHAT)), int)

    async def reset(self) -> None:
        await self._reply(asyncio.wait_for(self._forget_all(), _RESET), int)

    async def _forget_all(self) -> int:
        forgotten = 0
        for what in _WHAT:
            pattern = f"{self._prefix}:{{*}}:{what}"
            found = cast(
                "AsyncIterator[bytes]",
                self._client.scan_iter(pattern, count=1_000),  # pyright: ignore[reportUnknownMemberType]  # untyped keywords
            )
            async for key in found:
                await self._client.unlink(key)
                forgotten += 1
        return forgotten

    async def ping(self) -> None:
        await self._reply(self._client.ping(), bool)  # pyright: ignore[reportUnknownMemberType]  # untyped keywords

    async def close(self) -> None:
        await self._hits.close()
        await self._fills.close()
        await self._client.aclose()

    async def _fill(
        self, deployment: tuple[str, ProvisionedLimits], added: Sequence[tuple[int, int]]
    ) -> Sequence[Fill]:
        name, limits = deployment
        arguments = [
            limits.tokens_per_minute,
            self._now(),
            *itertools.chain.from_iterable(added),
        ]
        replies = await self._replies(self._fill_script, name, _BUCKET, arguments, len(added))
        if not all(full for _, full, _ in replies):
            raise StoreError("a full bucket holds nothing")
        return [Fill(level / full, wait) for level, full, wait in replies]

    async def _replies(
        self,
        script: AsyncScript,
        name: str,
        keys: tuple[str, ...],
        arguments: Sequence[int | str],
        count: int,
    ) -> Sequence[Sequence[int]]:
        """The script's replies to `count` requests to a deployment, of whose `keys` those that hold
        what no simulator wrote are begun anew: nobody else would ever mend them."""
        paths = self._paths(name, keys)
        try:
            return await self._run(script, paths, arguments, count)
        except _SpoiltError as error:
            await self._reply(self._client.unlink(*paths), int)
            logger.warning("the counts of %s in Redis are begun anew: %s", name, error)
        return await self._run(script, paths, arguments, count)

    async def _run(
        self, script: AsyncScript, paths: Sequence[str], arguments: Sequence[int | str], count: int
    ) -> Sequence[Sequence[int]]:
        length = 4 if script is self._hit_script else 3
        numbers = await self._reply(script(paths, arguments), list[_Natural])
        if len(numbers) != length * count:
            raise _SpoiltError(f"{len(numbers)} numbers are no reply to {count} requests")
        return [numbers[start : start + length] for start in range(0, len(numbers), length)]

    def _paths(self, name: str, keys: Iterable[str]) -> list[str]:
        return [f"{self._prefix}:{{{name}}}:{key}" for key in keys]

    async def _reply(self, reply: Awaitable[Any], shape: type[T]) -> T:
        """The reply, if it is of this shape; else, and without one in time, `StoreError`."""
        try:
            return msgspec.convert(_plain(await reply), shape, strict=False)
        except (RedisError, RequestTokenErr, OSError, *_NO_REPLY) as error:
            odd = type(error) is ResponseError or isinstance(error, _NO_REPLY)
            kind = _SpoiltError if odd else StoreError
            raise kind(str(error) or type(error).__name__) from error

    def _now(self) -> int | str:
        return "" if self._clock is None else round(self._clock() * SECOND)


def connect(
    url: str,
    *,
    timeout: float = TIMEOUT,
    credentials: CredentialProvider | None = None,
) -> Redis:
    """A client with one pool of connections; `timeout` in seconds for every reply.

    A connection that the server has closed meanwhile is replaced at once; a time-out is not
    repeated, since the request is waiting.
    """
    pool = BlockingConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]  # untyped keywords
        url,
        max_connections=CONNECTIONS,
        timeout=_CONNECT,
        socket_timeout=timeout,
        socket_connect_timeout=_CONNECT,
        credential_provider=credentials,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
    tls = issubclass(pool.connection_class, SSLConnection)
    pool.connection_class = PatientTlsConnection if tls else PatientConnection
    return Redis.from_pool(pool)


def _or_none(limit: int | None) -> int:
    return NO_LIMIT if limit is None else limit


def _plain(reply: object) -> object:
    """The reply with its texts as such: numbers beyond 64 bits come as text."""
    if isinstance(reply, bytes):
        return reply.decode()
    if isinstance(reply, list):
        return [_plain(one) for one in cast("list[object]", reply)]
    return reply
