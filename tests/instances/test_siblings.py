"""Processes that serve on one port, asking each other; here they share an event loop."""

import asyncio
import contextlib
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from simulator.instances import siblings
from simulator.instances.siblings import Siblings

if sys.platform == "win32":
    pytest.skip("there are no such workers", allow_module_level=True)


@pytest.fixture
def folder() -> Iterator[Path]:
    """The name of a socket is short."""
    with tempfile.TemporaryDirectory(prefix="aoai-") as path:
        yield Path(path)


@pytest.fixture
async def stack() -> AsyncIterator[contextlib.AsyncExitStack]:
    async with contextlib.AsyncExitStack() as opened:
        yield opened


def named(name: str) -> Siblings:
    async def answer(question: bytes) -> bytes:
        return name.encode() + question

    return Siblings(answer)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_each_asks_all_the_others(folder: Path, stack: contextlib.AsyncExitStack) -> None:
    family = [named(name) for name in "abc"]
    for one, name in zip(family, "abc", strict=True):
        await stack.enter_async_context(one.serving(folder, name))
    large = b"?" * 300_000
    assert await family[1].ask(large) == [b"a" + large, b"c" + large]


async def test_who_is_alone_asks_nobody() -> None:
    alone = named("a")
    assert not alone.present
    assert await alone.ask(b"?") == []


async def test_one_that_was_killed_leaves_its_place_to_its_successor(
    folder: Path, stack: contextlib.AsyncExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    a, b = named("a"), named("b")
    await stack.enter_async_context(a.serving(folder, "a"))
    (folder / "b.sock").touch()
    with caplog.at_level(logging.WARNING):
        assert [await a.ask(b"?") for _ in range(3)] == [[]] * 3
    assert len(caplog.records) == 1
    assert "worker b does not answer" in caplog.text
    async with b.serving(folder, "b"):
        assert await a.ask(b"?") == [b"b?"]
    assert names(folder) == ["a.sock"]


async def test_without_a_socket_a_process_is_alone(
    folder: Path, stack: contextlib.AsyncExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    a = named("a")
    await stack.enter_async_context(a.serving(folder / ("long" * 30), "a"))
    assert not a.present
    assert await a.ask(b"?") == []
    assert "worker a knows nothing of the others" in caplog.text


@pytest.mark.parametrize("sent", [b"", b"\xff" * 8, (9).to_bytes(8, "big") + b"half"])
async def test_an_answer_that_is_none_is_left_out(
    folder: Path, stack: contextlib.AsyncExitStack, sent: bytes
) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        writer.close()

    server = await asyncio.start_unix_server(serve, folder / "b.sock")
    stack.callback(server.close)
    a, c = named("a"), named("c")
    await stack.enter_async_context(a.serving(folder, "a"))
    await stack.enter_async_context(c.serving(folder, "c"))
    assert await a.ask(b"?") == [b"c?"]


async def test_one_that_hangs_is_waited_for_a_while(
    folder: Path, stack: contextlib.AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(siblings, "SECONDS", 0.05)

    async def hang(_: bytes) -> bytes:
        await asyncio.sleep(3600)
        return b""

    a = named("a")
    await stack.enter_async_context(a.serving(folder, "a"))
    await stack.enter_async_context(Siblings(hang).serving(folder, "b"))
    assert await a.ask(b"?") == []


async def test_a_question_that_is_none_ends_nothing(folder: Path) -> None:
    a = named("a")
    async with a.serving(folder, "a"):
        for sent in (b"", b"\xff" * 8):
            reader, writer = await asyncio.open_unix_connection(folder / "a.sock")
            writer.write(sent)
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
