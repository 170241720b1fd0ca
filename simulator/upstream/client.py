"""The real service: requests are forwarded to it, and nothing else leaves the simulator over HTTP."""

import asyncio
import contextlib
import functools
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TypeVar
from urllib.parse import quote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from simulator.errors import UpstreamTimeout, UpstreamUnavailable
from simulator.messages import Request, is_event_stream
from simulator.upstream.credentials import Credential
from simulator.upstream.passing_headers import answer_headers, request_headers
from simulator.wire.query import without_secrets

T = TypeVar("T")

# Seconds to connect at most.
_CONNECT_TIMEOUT = 10.0
_PIECE = 64 * 1024

_DECODED = frozenset(urllib3.response.HTTPResponse.CONTENT_DECODERS) | {"identity"}


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """The upstream's answer: its head, and the body as `pieces`, decoded, as they arrive.

    A body that ends too early raises `UpstreamUnavailable` or `UpstreamTimeout`. `close()` must be
    called in the end; it may be called at any time, twice too, and does not block. `framed`: the
    end of the body can be distinguished from a cut. `endpoint` is whose answer it is.
    """

    status: int
    headers: Mapping[str, str]
    framed: bool
    pieces: AsyncIterator[bytes]
    close: Callable[[], None]
    endpoint: str


class Upstream:
    """Forwards requests to `endpoint`, at most `connections` at a time; `timeout` is in seconds
    without a byte. Redirects are the caller's business and are not followed."""

    def __init__(
        self,
        endpoint: str,
        credential: Credential,
        *,
        timeout: float = 120.0,
        connections: int = 64,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        self._credential = credential
        self._timeout = (min(_CONNECT_TIMEOUT, timeout), timeout)
        self._pool = ThreadPoolExecutor(connections, thread_name_prefix="upstream")
        self._session = _session(connections)
        # The environment's proxies and certificates, looked up once; never its .netrc credentials.
        environment = self._session.merge_environment_settings(self.endpoint, {}, True, None, None)
        self._proxies, self._verify = environment["proxies"], environment["verify"]
        self._session.trust_env = False

    async def send(self, request: Request, credential: Credential | None = None) -> UpstreamAnswer:
        """The upstream's answer: of a stream once its head is there, of any other when it is whole.

        `credential` is sent in place of the upstream's own.
        Raises `UpstreamTimeout` and `UpstreamUnavailable`, which name the cause.
        """
        sending = self._on_thread(lambda: self._send(request, credential or self._credential))
        try:
            body = await asyncio.shield(sending)
        except asyncio.CancelledError:  # the client has gone: nobody will close what still comes
            sending.add_done_callback(_close_unused)
            raise
        return UpstreamAnswer(
            status=body.response.status_code,
            headers=answer_headers(body.response.headers, decoded=body.decoded),
            framed=body.framed,
            pieces=self._pieces(body),
            close=_Once(functools.partial(self._close, body)),
            endpoint=self.endpoint,
        )

    def close(self) -> None:
        """Gives up the connections and the threads."""
        self._session.close()
        self._pool.shutdown(wait=False)

    def _on_thread(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(
            self._pool, functools.partial(self._wrapped, work)
        )

    def _send(self, request: Request, credential: Credential) -> "_Body":
        headers = {**request_headers(request.headers), **credential.headers()}
        prepared = requests.Request(
            request.method, self._url(request), headers=headers, data=request.body or None
        ).prepare()
        response = self._session.send(
            prepared,
            stream=True,
            timeout=self._timeout,
            allow_redirects=False,
            proxies=self._proxies,
            verify=self._verify,
        )
        body = _Body(response)
        if not body.streamed:
            body.read_whole()
        return body

    def _url(self, request: Request) -> str:
        path = quote(request.path, safe="/:@!$&'()*+,;=~")
        query = without_secrets(request.query_string)
        return f"{self.endpoint}{path}{'?' if query else ''}{query}"

    async def _pieces(self, body: "_Body") -> AsyncIterator[bytes]:
        if body.whole is not None:
            yield body.whole
            return
        while piece := await self._on_thread(body.read):
            yield piece

    def _close(self, body: "_Body") -> None:
        body.interrupt()
        with contextlib.suppress(
            RuntimeError
        ):  # the pool is shut down, and its connections with it
            self._pool.submit(body.close)

    def _wrapped(self, work: Callable[[], T]) -> T:
        host = urlsplit(self.endpoint).netloc
        try:
            return work()
        except (requests.ConnectTimeout, requests.exceptions.ProxyError) as error:
            raise UpstreamUnavailable(f"{host} could not be reached: {_cause(error)}") from error
        except (requests.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
            raise UpstreamTimeout(f"{host} sent nothing for {self._timeout[1]:g} s.") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise UpstreamUnavailable(f"{host} could not be reached: {_cause(error)}") from error


class _Body:
    """The body of a response, which one thread reads while another may want it closed."""

    def __init__(self, response: requests.Response) -> None:
        self.response = response
        self.whole: bytes | None = None
        self._lock = threading.Lock()
        headers = {name.lower(): value for name, value in response.headers.items()}
        encodings = headers.get("content-encoding", "identity").lower().split(",")
        # A body in an unknown encoding stays as it is, and says so.
        self.decoded = all(name.strip() in _DECODED for name in encodings)
        self.framed = not {"content-length", "transfer-encoding"}.isdisjoint(headers)
        self.streamed = is_event_stream(headers.get("content-type"))

    def read_whole(self) -> None:
        """Reads on to the end, on the thread that has read the head."""
        try:
            self.whole = b"".join(iter(self.read, b""))
        except BaseException:
            self.close()
            raise

    def read(self) -> bytes:
        """Return the bytes that have arrived, at once: `read1` waits for some bytes, not for a full
        buffer.
        """
        with self._lock:
            piece: bytes = self.response.raw.read1(_PIECE, decode_content=self.decoded)
        return piece

    def interrupt(self) -> None:
        """Wakes a thread that waits for bytes, which closing alone would not."""
        with contextlib.suppress(OSError, ValueError, RuntimeError):  # nothing is to come any more
            self.response.raw.shutdown()

    def close(self) -> None:
        with self._lock:
            self.response.close()


class _Once:
    """A call of which only the first one counts."""

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def __call__(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


def _session(connections: int) -> requests.Session:
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _cause(error: BaseException) -> str:
    """The innermost reason, without addresses of objects."""
    while isinstance(inner := getattr(error, "reason", None) or _first(error), BaseException):
        error = inner
    return str(error).rpartition(">: ")[2] or type(error).__name__


def _first(error: BaseException) -> object:
    return next((part for part in error.args if isinstance(part, BaseException)), None)


def _close_unused(sending: "asyncio.Future[_Body]") -> None:
    if not sending.cancelled() and sending.exception() is None:
        sending.result().close()
