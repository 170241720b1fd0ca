"""The places that webhooks may go to: the addresses that a setting allows, whatever name leads to them."""

import asyncio
import functools
import ipaddress
import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from simulator.errors import InvalidRequest

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LONGEST_URL = 2_048
_RESOLVING = 5.0
"""Seconds that a name may take to be resolved."""
_THREADS = 4
_PORTS = {"http": 80, "https": 443}
_BRACKETS = re.compile(r"\[[0-9A-Fa-f:.]+\](:\d*)?")
_NUMBER = re.compile(r"\d+|0[xX][0-9A-Fa-f]*")


class Destination(NamedTuple):
    """An address on the web, and the IP addresses that its host has been resolved to."""

    url: str
    host: str
    port: int
    addresses: tuple[str, ...]


class Resolver:
    """Resolves the names of hosts, on threads of its own: names that clients choose may take long, and
    hold up nothing else.
    """

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhooks")

    async def resolved(self, url: str) -> Destination:
        """The destination of a URL; raises InvalidRequest unless all of its addresses are allowed."""
        parts = _parts(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        lookup = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(_RESOLVING):
                found = await asyncio.get_running_loop().run_in_executor(self._threads, lookup)
        except (OSError, UnicodeError, TimeoutError):
            raise _refused(f"the host '{host[:100]}' cannot be resolved") from None
        addresses = tuple(dict.fromkeys(str(one[4][0]) for one in found))
        if not addresses or not all(_is_allowed(address, self._allowed) for address in addresses):
            raise _refused(
                f"the simulator sends nothing to the addresses of '{host[:100]}'; "
                "WEBHOOK_ALLOWED_ADDRESSES names those that it sends to"
            )
        return Destination(url, host, port, addresses)


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        good = parts.scheme in _PORTS and parts.hostname and parts.port != 0
    except ValueError:
        raise _refused("it is no address") from None
    if not good or "@" in parts.netloc or len(url) > LONGEST_URL or not url.isascii():
        raise _refused("it is no address that begins with https:// or http://")
    if any(character <= " " for character in url):
        raise _refused("it has blanks")
    if not _is_plain(parts):
        raise _refused("its host is written in another way than clients agree on")
    return parts


def _is_plain(parts: SplitResult) -> bool:
    """Return False for what some clients read as an IP address and others do not, as 0x7f000001 and 127.1."""
    if "[" in parts.netloc:
        return _BRACKETS.fullmatch(parts.netloc) is not None
    host = parts.hostname or ""
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return True
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Return True if a network holds the address; one of IPv4 within IPv6 counts as itself."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped if mapped is not None else parsed
    return any(parsed in network for network in allowed if network.version == parsed.version)


def _refused(why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid 'url': {why}.", param="url", code="invalid_value")
