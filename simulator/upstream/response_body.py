"""The body of an upstream's response, and what the head says of it."""

import asyncio

import aiohttp

from simulator.messages import is_event_stream
from simulator.upstream.masking import Mask
from simulator.upstream.passing_headers import answer_headers

# aiohttp unpacks these, if the libraries for them are there, and asks for none of them.
_PACKED = frozenset({"gzip", "deflate", "br", "zstd"})


class ResponseBody:
    """The head of a response as it goes on, and what it says of the body."""

    def __init__(self, response: aiohttp.ClientResponse, mask: Mask) -> None:
        self.response = response
        self.mask = mask
        headers: dict[str, str] = {}
        for name, value in response.headers.items():
            # Latin-1 has it leave again as it came, whatever it is.
            text = mask.text(value.encode("utf-8", "surrogateescape").decode("latin-1"))
            key = name.lower()
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        encoding = headers.get("content-encoding", "identity").strip().lower()
        self.packed = encoding in _PACKED
        self.framed = not {"content-length", "transfer-encoding"}.isdisjoint(headers)
        self.streamed = is_event_stream(headers.get("content-type"))
        # A body in an unknown encoding stays as it is, and says so.
        self.headers = answer_headers(headers, decoded=self.packed or encoding == "identity")


async def next_piece(response: aiohttp.ClientResponse, ends: float, *, first: bool) -> bytes:
    """The bytes that have come; none at the end. Raises `TimeoutError` from the moment `ends` on."""
    content, time = response.content, asyncio.get_running_loop().time
    if time() < ends:
        piece = content.read_nowait()
        if piece and not first:
            # Bytes that are there, packed or in tiny chunks, end no wait; reading them has more unpacked.
            await asyncio.sleep(0)
        if piece or content.at_eof():
            return piece
    async with asyncio.timeout_at(ends):
        if time() >= ends:  # bytes that are there end no wait
            await asyncio.sleep(0)
        return await content.readany()
