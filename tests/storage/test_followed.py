import asyncio
import logging
import os
import threading
from pathlib import Path

import pytest

from simulator.storage.followed import FollowedBlob, FollowedFile, UnusableDocument
from simulator.storage.memory import MemoryContainer


def read(data: bytes) -> str:
    if b"bad" in data:
        raise UnusableDocument("line 1: bad")
    return data.decode()


async def test_a_file_has_news_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    followed = FollowedFile(path, read)
    assert followed.first() == "one"
    assert await followed.news() is None
    path.write_text("two")
    os.utime(path, ns=(1, 1))
    assert await followed.news() == "two"
    assert await followed.news() is None


async def test_a_file_that_turns_bad_is_refused_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    followed = FollowedFile(path, read)
    followed.first()
    for moment in (1, 2):
        path.write_text("bad")
        os.utime(path, ns=(moment, moment))
        assert await followed.news() is None
    path.unlink()
    assert await followed.news() is None
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "line 1: bad",
        "No such file or directory",
    ]


def test_a_first_document_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    with pytest.raises(UnusableDocument, match="No such file"):
        FollowedFile(tmp_path / "none", read).first()


async def test_a_blob_is_followed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    container = MemoryContainer()
    followed = FollowedBlob(container, "blob", read)
    assert await followed.news() is None
    assert "there is no such blob" in caplog.text
    await container.put("blob", b"one")
    assert await followed.news() == "one"
    assert await followed.news() is None
    await container.put("blob", b"bad")
    assert await followed.news() is None
    assert "line 1: bad" in caplog.text


async def test_the_mark_of_an_editor_at_the_beginning_is_left_out(tmp_path: Path) -> None:
    path, container = tmp_path / "file", MemoryContainer()
    path.write_text("one", encoding="utf-8-sig")
    assert FollowedFile(path, read).first() == "one"
    await container.put("blob", path.read_bytes())
    assert await FollowedBlob(container, "blob", read).news() == "one"


async def test_a_document_is_read_on_a_thread_and_stays_when_who_asked_has_left(
    tmp_path: Path,
) -> None:
    path, reading, go_on = tmp_path / "file", threading.Event(), threading.Event()
    go_on.set()

    def slowly(data: bytes) -> tuple[str, int]:
        reading.set()
        assert go_on.wait(60)
        return data.decode(), threading.get_ident()

    path.write_text("one")
    followed = FollowedFile(path, slowly)
    followed.first()
    reading.clear()
    go_on.clear()
    path.write_text("another")
    left = asyncio.create_task(followed.news())
    assert await asyncio.to_thread(reading.wait, 60)
    left.cancel()
    await asyncio.wait({left})
    go_on.set()
    news = await followed.news()
    assert news is not None
    assert news[0] == "another"
    assert news[1] != threading.get_ident()
    assert await followed.news() is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
async def test_a_pipe_is_never_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "file"
    path.write_text("one")
    followed = FollowedFile(path, read)
    followed.first()
    path.unlink()
    os.mkfifo(path)
    assert await followed.news() is None
    assert "it is no file" in caplog.text


async def test_a_file_without_end_is_read_up_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(2**40)
    assert FollowedFile(path, len).first() == 16 * 2**20
