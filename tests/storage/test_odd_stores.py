"""What answers at the address of the blobs, and is no store of blobs."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.connection import StorageConnection
from simulator.storage.container import StorageError

ACCOUNT = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=a2V5;"
    "BlobEndpoint=http://127.0.0.1:{}/devstoreaccount1;"
)
ANSWERS = {
    "nothing": "200 OK\r\n\r\n",
    "a page": "200 OK\r\ncontent-type: text/html\r\n\r\n<html></html>",
    "no text": "200 OK\r\ncontent-type: application/xml\r\n\r\n\xff\xfe",
    "no range": "206 Partial\r\ncontent-range: bytes x-y/z\r\n\r\nhi",
    "no date": "200 OK\r\nlast-modified: yesterday\r\n\r\nhi",
    "created on no date": "201 Created\r\nlast-modified: yesterday\r\n\r\n",
    "no gzip": "206 Partial\r\ncontent-encoding: gzip\r\ncontent-range: bytes 0-1/2\r\n\r\nhi",
    "no error": "500 Oh\r\ncontent-type: text/html\r\n\r\n\xff\xff",
}


async def names(container: BlobContainer) -> list[str]:
    return [name async for name in container.names()]


ASKED: dict[str, Callable[[BlobContainer], Awaitable[object]]] = {
    "get": lambda blobs: blobs.get("a.json"),
    "get_if_changed": lambda blobs: blobs.get_if_changed("a.json", "etag"),
    "put_new": lambda blobs: blobs.put_new("a.json", b"1"),
    "put": lambda blobs: blobs.put("a.json", b"1"),
    "put_if_same": lambda blobs: blobs.put_if_same("a.json", b"1", "etag"),
    "delete": lambda blobs: blobs.delete("a.json"),
    "names": names,
}


@pytest.fixture(params=list(ANSWERS))
async def container(request: pytest.FixtureRequest) -> AsyncIterator[BlobContainer]:
    head, _, body = ANSWERS[request.param].partition("\r\n\r\n")
    answer = f"HTTP/1.1 {head}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n{body}"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if length := re.search(rb"(?i)content-length: (\d+)", asked):
            await reader.readexactly(int(length[1]))
        writer.write(answer.encode("latin-1"))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        blobs = BlobContainer(StorageConnection(ACCOUNT.format(port)), "c", retry_after=0)
        yield blobs
        await blobs.close()


@pytest.mark.parametrize("asked", list(ASKED))
async def test_an_answer_that_makes_no_sense_is_an_error_of_the_store(
    container: BlobContainer, asked: str
) -> None:
    with pytest.raises(StorageError):
        await ASKED[asked](container)
