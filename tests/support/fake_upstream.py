"""A real HTTP server that behaves like the real service, well and badly."""

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

EVENTS = (
    b'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n',
    b'data: {"choices":[{"delta":{"content":"Gr\xc3\xbc\xc3\x9fe"},"index":0}]}\n\n',
    b'data: {"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11}}\n\n',
    b"data: [DONE]\n\n",
)
STREAM = b"".join(EVENTS)
BINARY = bytes(range(256)) * 4
CHAT = (
    b'{"choices":[{"index":0,"message":{"content":"Hi","role":"assistant"}}],'
    b'"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11}}\n'
)
LIMITED = b'{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 2 seconds."}}'


@dataclass
class Asked:
    """What the upstream received."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """The connection to answer on."""

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self.stream = stream

    async def send(self, data: bytes) -> None:
        self.stream.write(data)
        await self.stream.drain()

    async def head(self, status: int, **headers: str) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([f"HTTP/1.1 {status} -", *lines, "", ""]).encode())

    async def whole(self, body: bytes, status: int = 200, **headers: str) -> None:
        kind = headers.pop("content_type", "application/json")
        await self.head(status, content_type=kind, content_length=str(len(body)), **headers)
        await self.send(body)

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))


Behaviour = Callable[[Connection, Asked], Awaitable[None]]


async def chat(writer: Connection, asked: Asked) -> None:
    await writer.whole(CHAT, apim_request_id="up-1", x_ms_region="East US")


async def stream(writer: Connection, asked: Asked) -> None:
    await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
    for event in EVENTS:
        await writer.chunk(event)
    await writer.chunk(b"")


async def odd_stream(writer: Connection, asked: Asked) -> None:
    """The events cut anywhere but at their ends, gzip-encoded."""
    await writer.head(
        200, content_type="text/event-stream", transfer_encoding="chunked", content_encoding="gzip"
    )
    packed = gzip.compress(STREAM)
    for start in range(0, len(packed), 7):
        await writer.chunk(packed[start : start + 7])
    await writer.chunk(b"")


async def open_stream(writer: Connection, asked: Asked) -> None:
    """A stream whose end is the end of the connection."""
    await writer.head(200, content_type="text/event-stream", connection="close")
    await writer.send(STREAM)
    writer.stream.close()


async def endless(writer: Connection, asked: Asked) -> None:
    """Send one event again and again until the client is gone."""
    await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
    while True:
        await writer.chunk(EVENTS[0])
        await asyncio.sleep(0.01)


async def cut_open_stream(writer: Connection, asked: Asked) -> None:
    await writer.head(200, content_type="text/event-stream", connection="close")
    await writer.send(EVENTS[0])
    writer.stream.close()


async def cut_stream(writer: Connection, asked: Asked) -> None:
    await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
    await writer.chunk(EVENTS[0])
    writer.stream.close()


async def faulty_stream(writer: Connection, asked: Asked) -> None:
    await writer.head(200, content_type="text/event-stream", transfer_encoding="chunked")
    await writer.chunk(EVENTS[0])
    await writer.chunk(b'data: {"error":{"code":"server_error"}}\n\n')
    await writer.chunk(b"")


async def cut_body(writer: Connection, asked: Asked) -> None:
    await writer.head(200, content_type="application/json", content_length="1000")
    await writer.send(b'{"half":')
    writer.stream.close()


async def zipped(writer: Connection, asked: Asked) -> None:
    await writer.whole(gzip.compress(CHAT), content_encoding="gzip")


async def unknown_encoding(writer: Connection, asked: Asked) -> None:
    await writer.whole(BINARY, content_encoding="x-ours")


async def chunked(writer: Connection, asked: Asked) -> None:
    await writer.head(200, content_type="application/json", transfer_encoding="chunked")
    for start in range(0, len(CHAT), 50):
        await writer.chunk(CHAT[start : start + 50])
    await writer.chunk(b"")


async def binary(writer: Connection, asked: Asked) -> None:
    await writer.whole(BINARY, content_type="audio/mpeg")


async def limited(writer: Connection, asked: Asked) -> None:
    await writer.whole(LIMITED, 429, retry_after="2", x_ratelimit_remaining_requests="0")


async def broken(writer: Connection, asked: Asked) -> None:
    await writer.whole(b'{"error":{"message":"oh","code":null}}', 500)


async def redirect(writer: Connection, asked: Asked) -> None:
    await writer.whole(b"", 302, location=f"http://{asked.headers['host']}/elsewhere")


async def created(writer: Connection, asked: Asked) -> None:
    await writer.whole(b"", 201, operation_location=f"http://{asked.headers['host']}/results/1?a=b")


async def cookies(writer: Connection, asked: Asked) -> None:
    await writer.whole(CHAT, set_cookie="session=biscuit; Path=/", connection="x-hop", x_hop="1")


async def slow(writer: Connection, asked: Asked) -> None:
    await asyncio.sleep(0.5)
    await writer.whole(CHAT)


async def silent(writer: Connection, asked: Asked) -> None:
    await asyncio.sleep(30)


async def echo(writer: Connection, asked: Asked) -> None:
    if asked.method == "HEAD":  # an answer without a body
        await writer.whole(b"")
        return
    await writer.whole(json.dumps({"you": asked.body.decode("latin-1")}).encode())


BEHAVIOURS = {
    one.__name__: one
    for one in (
        created,
        binary,
        broken,
        chat,
        chunked,
        cookies,
        cut_body,
        cut_open_stream,
        cut_stream,
        echo,
        faulty_stream,
        limited,
        odd_stream,
        open_stream,
        redirect,
        silent,
        slow,
        stream,
        unknown_encoding,
        zipped,
    )
}


@dataclass
class FakeUpstream:
    """Behaves as `behaviours` say by the last part of the path, else like `echo`."""

    behaviours: dict[str, Behaviour] = field(default_factory=lambda: dict(BEHAVIOURS))
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the other side has closed a connection while an answer was being sent."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    async def serve(self, reader: asyncio.StreamReader, stream: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while asked := await _read(reader):
                self.asked.append(asked)
                path = asked.target.partition("?")[0]
                behaviour = self.behaviours.get(path.rpartition("/")[2], echo)
                await behaviour(Connection(stream), asked)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up.set()
        finally:
            stream.close()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, target, _ = first.split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked(method, target, headers, body)


@asynccontextmanager
async def running_upstream() -> AsyncIterator[FakeUpstream]:
    """The server on a free port."""
    upstream = FakeUpstream()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, stream: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(upstream.serve(reader, stream))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, backlog=512)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
