"""The connections to one upstream: proxies and certificates of the environment, and time-outs."""

import asyncio
import socket
import ssl
from contextvars import ContextVar
from typing import Self
from urllib.parse import unquote, urlsplit
from weakref import WeakKeyDictionary

import aiohttp
import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy

from simulator.upstream.interim import bounded

# Seconds to connect at most.
_CONNECT_TIMEOUT = 10.0
_LINE, _HEADERS = 65_536, 256
_READ_BUFFER = 64 * 1024
_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class Connections:
    """Makes a session for each event loop, since a session belongs to one."""

    def __init__(self, endpoint: str, timeout: float) -> None:
        self._endpoint = endpoint
        connect = min(_CONNECT_TIMEOUT, timeout)
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=connect, sock_connect=connect, sock_read=timeout
        )
        # The environment's proxies and certificates, looked up once; never its .netrc credentials.
        with requests.Session() as session:
            found = session.merge_environment_settings(endpoint, {}, True, None, None)
        self._verify: bool | str = found["verify"]
        self.proxy, self.proxy_auth = _proxy(select_proxy(endpoint, found["proxies"]))
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession] = (
            WeakKeyDictionary()
        )

    def session(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if loop not in self._sessions:
            self._sessions[loop] = self._new_session()
        return self._sessions[loop]

    async def close(self) -> None:
        session = self._sessions.pop(asyncio.get_running_loop(), None)
        if session is not None:
            await session.close()

    def _new_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0, ssl=self._ssl(), socket_factory=_new_socket)
        return aiohttp.ClientSession(
            connector=bounded(connector),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=self._timeout,
            skip_auto_headers=_AUTOMATIC,
            trust_env=False,
            read_bufsize=_READ_BUFFER,
            max_line_size=_LINE,
            max_field_size=_LINE,
            max_headers=_HEADERS,
        )

    def _ssl(self) -> ssl.SSLContext | bool:
        if not self._endpoint.startswith("https:"):
            return True
        bundle = DEFAULT_CA_BUNDLE_PATH if self._verify is True else str(self._verify)
        return ssl.create_default_context(cafile=bundle)


class NewConnection:
    """The block of a request: `made` is True if a connection was made in it, and none was reused.

    aiohttp's traces report reuse as well, but take part in every step of a request.
    """

    def __init__(self) -> None:
        self.made = False

    def __enter__(self) -> Self:
        self._token = _under_way.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _under_way.reset(self._token)


_under_way: ContextVar[NewConnection | None] = ContextVar("under_way", default=None)


def _new_socket(address: tuple[int, int, int, str, object]) -> socket.socket:
    request = _under_way.get()
    if request is not None:
        request.made = True
    return socket.socket(*address[:3])


def _proxy(address: str | None) -> tuple[str | None, aiohttp.BasicAuth | None]:
    if not address:
        return None, None
    parts = urlsplit(address if "://" in address else f"http://{address}")
    auth = None
    if parts.username:
        auth = aiohttp.BasicAuth(unquote(parts.username), unquote(parts.password or ""))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", auth
