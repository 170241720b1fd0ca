"""Sends webhooks: to the addresses that have been looked at, following no redirect."""

import ipaddress
import socket
from collections.abc import Mapping, Sequence
from typing import Protocol

import aiohttp
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from simulator.upstream.interim import bounded

TIMEOUT = 10.0
"""Seconds for one delivery in all."""


class Destination(Protocol):
    """An address on the web, and the IP addresses to connect to."""

    @property
    def url(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def addresses(self) -> Sequence[str]: ...


class _Fixed(AbstractResolver):
    """Resolves every name to addresses that are known: a name cannot lead elsewhere in the meantime."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    async def close(self) -> None:
        return None


async def send_webhook(destination: Destination, headers: Mapping[str, str], body: bytes) -> int:
    """The status of the answer, of which nothing else is read; raises OSError or TimeoutError."""
    if not _leads_there(destination):
        raise OSError("the host of the address was read in two ways")
    connector = aiohttp.TCPConnector(resolver=_Fixed(destination.addresses), force_close=True)
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(
                connector=bounded(connector),
                timeout=timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.post(
                destination.url, data=body, headers=headers, allow_redirects=False
            ) as answer,
        ):
            return answer.status
    except (aiohttp.ClientError, ValueError) as error:
        raise OSError(type(error).__name__) from error


def _leads_there(destination: Destination) -> bool:
    """Return False if the client reads the host as an IP address that was not looked at: the resolver has
    no say in those."""
    try:
        host = ipaddress.ip_address(yarl.URL(destination.url).host or "")
    except ValueError:
        return True
    return host in [ipaddress.ip_address(address) for address in destination.addresses]
