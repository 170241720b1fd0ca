"""Offers to change the protocol, such as Java's `Upgrade: h2c`, which are declined by answering.

The parser takes the rest of such a request for the new protocol and drops its body, while RFC 9110
(7.8) lets a server ignore the offer. So the head is parsed once more, without it.
"""

from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_OFFER = frozenset({b"upgrade", b"http2-settings", b"connection"})


class _Parser(httptools.HttpRequestParser):
    """A parser that hands its protocol the rest of a request that offers an upgrade."""

    def __init__(self, protocol: "UpgradeDecliningProtocol") -> None:
        super().__init__(protocol)
        self._protocol = protocol

    def feed_data(self, data: Any) -> None:  # bytes-like, as httptools has it
        """One offer after the other: a piece may hold thousands, and the rest is never copied."""
        parser, rest = self, memoryview(data)
        while (at := parser.offer_in(rest)) is not None:
            head = self._protocol.without_offer(parser.get_method())
            parser, rest = self._protocol.begin_anew(), rest[at:]
            if parser.offer_in(memoryview(head)) is not None:
                raise httptools.HttpParserError("the offer is still there")

    def offer_in(self, data: memoryview) -> int | None:
        """Parse the data; return the offset behind an offer, at which that ended."""
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            behind: int = offer.args[0]
            return behind
        return None


class UpgradeDecliningProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which answers over HTTP/1.1 whatever else a client offers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # uvicorn's own
        super().__init__(*args, **kwargs)
        self.parser = _Parser(self)

    def on_headers_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def begin_anew(self) -> _Parser:
        """Return a parser that has seen nothing of the connection, and takes what comes."""
        self.parser = parser = _Parser(self)
        return parser

    def without_offer(self, method: bytes) -> bytes:
        """Return the head of the request as if it had offered nothing."""
        if method == b"CONNECT":
            raise httptools.HttpParserError("a tunnel is no request")
        lines = [b"%s %s HTTP/1.1" % (method, self.url)]
        lines += [b"%s: %s" % header for header in self.headers if header[0] not in _OFFER]
        if any(name == b"connection" and b"close" in value.lower() for name, value in self.headers):
            lines.append(b"connection: close")
        return b"\r\n".join([*lines, b"", b""])
