"""The real service: requests are forwarded to it, and nothing else leaves the simulator over HTTP."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from simulator.caching import cached
from simulator.concurrency import SingleFlight
from simulator.errors import Unavailable, UpstreamTimeout, UpstreamUnavailable
from simulator.messages import Request
from simulator.upstream.connections import Connections, NewConnection
from simulator.upstream.credentials import ApiKey, Credential, NoCredential
from simulator.upstream.forwarding_policy import NotForwarded, check_path
from simulator.upstream.masking import Mask
from simulator.upstream.passing_headers import request_headers
from simulator.upstream.response_body import ResponseBody, next_piece
from simulator.upstream.turn import Turn
from simulator.wire.query import without_secrets

CONNECTIONS = 1_000
LONGEST_WAIT = 10.0
"""Seconds that a request waits for its turn to be forwarded."""
SIGN_IN = 30.0
"""Seconds that a request waits for a token of the simulator's own identity."""
TOTAL = 3_600.0
"""Seconds that an exchange may take in all, however steadily its bytes drip."""
_LAST_STATUS = 599
_LONGEST_CAUSE = 200
MOST_BYTES = 128 * 2**20
"""Bytes of an answer, decoded, that are taken at most."""


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """The upstream's answer: its head, and the body as `pieces`, decoded, as they arrive.

    A body that ends too early raises `UpstreamUnavailable` or `UpstreamTimeout`. `close()` must be
    called in the end; it may be called at any time, twice too, and does not block. `framed`: the
    end of the body can be distinguished from a cut, though what was `packed` may be cut before
    that. `endpoint` is whose answer it is.
    """

    status: int
    headers: Mapping[str, str]
    framed: bool
    pieces: AsyncIterator[bytes]
    close: Callable[[], None]
    endpoint: str
    packed: bool = False

    @property
    def surely_whole(self) -> bool:
        """True for a body that has ended, and cannot have been cut."""
        return self.framed and not self.packed


class Upstream:
    """Forwards requests to `endpoint`, at most `connections` at a time, streams included; `timeout`
    is in seconds without a byte, `total` in seconds from the turn to the last byte. Redirects are the
    caller's business and are not followed.

    A request or stream whose caller leaves is given up at once, and its turn is free.
    """

    def __init__(
        self,
        endpoint: str,
        credential: Credential,
        *,
        timeout: float = 120.0,
        total: float = TOTAL,
        connections: int = CONNECTIONS,
        longest_wait: float = LONGEST_WAIT,
        sign_in: float = SIGN_IN,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._credential = credential
        self._timeout = timeout
        self._total = total
        self._connections = Connections(self.endpoint, timeout)
        self._turns = asyncio.Semaphore(connections)
        self._longest_wait = longest_wait
        self._sign_in = sign_in
        self._flights: SingleFlight[Mapping[str, str]] = SingleFlight()

    async def send(self, request: Request, credential: Credential | None = None) -> UpstreamAnswer:
        """The upstream's answer: of a stream once its head is there, of any other when it is whole.
        Nothing is sent that leads out of the endpoint's path (`NotForwarded`).

        `credential` is sent in place of the upstream's own.
        Raises `UpstreamTimeout` and `UpstreamUnavailable`, which name the cause, and `Unavailable`
        if too many others are under way.
        """
        url = self._url(request)
        secrets = await self._headers_of(credential or self._credential)
        await self._wait_for_turn()
        turn = Turn(self._turns.release, self._total)
        try:
            response = turn.response = await self._forward(request, url, secrets, turn.ends)
            body = ResponseBody(response, _mask_of(secrets))
            pieces = self._pieces(body, turn)
            if not body.streamed:
                pieces = _one(b"".join([piece async for piece in pieces]))
        except BaseException:
            turn.close()
            raise
        return UpstreamAnswer(
            status=response.status,
            headers=body.headers,
            framed=body.framed,
            pieces=pieces,
            close=turn.close,
            endpoint=self.endpoint,
            packed=body.packed,
        )

    async def close(self) -> None:
        """Gives up the connections."""
        await self._connections.close()

    async def _headers_of(self, credential: Credential) -> Mapping[str, str]:
        if isinstance(credential, ApiKey | NoCredential):
            return credential.headers()
        # Shared, so that a sign-in that hangs holds one thread and not all of them.
        work = self._flights.share(
            str(id(credential)), lambda: asyncio.to_thread(credential.headers)
        )
        try:
            async with asyncio.timeout(self._sign_in):
                return await work
        except TimeoutError:
            raise UpstreamUnavailable(
                f"There is no token for {self._host} after {self._sign_in:g} s."
            ) from None

    async def _wait_for_turn(self) -> None:
        if not self._turns.locked():
            await self._turns.acquire()  # which waits for nothing
            return
        try:
            async with asyncio.timeout(self._longest_wait):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable(
                f"{self._host} answers as many requests at once as UPSTREAM_CONNECTIONS allows. "
                "Please try again.",
                headers={"retry-after": "1"},
            ) from None

    async def _forward(
        self, request: Request, url: str, secrets: Mapping[str, str], ends: float
    ) -> aiohttp.ClientResponse:
        with self._wrapped():
            async with asyncio.timeout_at(ends):
                return await self._with_retry(request, url, secrets)

    async def _with_retry(
        self, request: Request, url: str, secrets: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        with NewConnection() as connection:
            try:
                return await self._once(request, url, secrets)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                # A connection that was open from before, and that the upstream closed meanwhile.
                if connection.made or isinstance(
                    error, aiohttp.ClientConnectorError | TimeoutError
                ):
                    raise
        return await self._once(request, url, secrets)

    async def _once(
        self, request: Request, url: str, secrets: Mapping[str, str]
    ) -> aiohttp.ClientResponse:
        response = await self._connections.session().request(
            request.method,
            URL(url, encoded=True),
            headers={**request_headers(request.headers), **secrets},
            data=request.body or None,
            allow_redirects=False,
            proxy=self._connections.proxy,
            proxy_auth=self._connections.proxy_auth,
        )
        if response.status < 200:
            response.close()
            raise UpstreamUnavailable(f"{self._host} answered {response.status} and nothing else.")
        if response.status > _LAST_STATUS:
            response.close()
            raise UpstreamUnavailable(
                f"{self._host} answered {response.status}, no status of HTTP."
            )
        return response

    def _url(self, request: Request) -> str:
        path = _quoted(request.path)
        query = without_secrets(request.query_string)
        url = f"{self.endpoint}{path}{'?' if query else ''}{query}"
        if not url.startswith(f"{self.endpoint}/"):
            raise NotForwarded("the address is not below the endpoint's")
        return url

    async def _pieces(self, body: ResponseBody, turn: Turn) -> AsyncIterator[bytes]:
        size = 0
        with self._wrapped():
            while piece := await next_piece(body.response, turn.ends, first=not size):
                size += len(piece)
                if size > MOST_BYTES:
                    turn.close()
                    raise UpstreamUnavailable(f"{self._host} sent more than {MOST_BYTES} bytes.")
                if passed := body.mask.feed(piece):
                    yield passed
        if rest := body.mask.end():
            yield rest
        turn.close()

    @property
    def _host(self) -> str:
        return urlsplit(self.endpoint).netloc

    @contextlib.contextmanager
    def _wrapped(self) -> Generator[None]:
        try:
            yield
        except aiohttp.ConnectionTimeoutError as error:
            raise UpstreamUnavailable(f"{self._host} could not be reached: time-out") from error
        except aiohttp.ServerTimeoutError as error:
            raise UpstreamTimeout(f"{self._host} sent nothing for {self._timeout:g} s.") from error
        except TimeoutError as error:
            raise UpstreamTimeout(f"{self._host} took more than {self._total:g} s.") from error
        except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError) as error:
            raise UpstreamUnavailable(
                f"{self._host} sent an answer that cannot be read: {_cause(error)}"
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise UpstreamUnavailable(
                f"{self._host} could not be reached: {_cause(error)}"
            ) from error


def _checked(path: str) -> str:
    check_path(path)
    return quote(path, safe="/:@!$&'()*+,;=~")


_quoted = cached(_checked, most=256)


def _mask_of(secrets: Mapping[str, str]) -> Mask:
    return Mask(value.removeprefix("Bearer ") for value in secrets.values())


async def _one(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


def _cause(error: BaseException) -> str:
    """The reason for people, without the client's own address and objects."""
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the name is not known"
    text = (os.strerror(code) if code else "") or str(error)
    if isinstance(error, aiohttp.ClientResponseError):
        text = error.message
    return " ".join(text.split())[:_LONGEST_CAUSE] or type(error).__name__
