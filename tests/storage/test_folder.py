import asyncio
import os
from pathlib import Path

import pytest

from simulator.storage.container import UNCHANGED, StorageError
from simulator.storage.folder import FolderContainer


async def test_files_of_writers_that_were_killed_are_cleaned_up(tmp_path):
    left = tmp_path / ".tmp"
    left.mkdir()
    for name, age in (("old", 3_601), ("young", 10)):
        (left / name).write_bytes(b"half")
        os.utime(left / name, (1_000_000 - age, 1_000_000 - age))
    await FolderContainer(tmp_path, now=lambda: 1_000_000).put_new("a", b"1")
    assert [path.name for path in left.iterdir()] == ["young"]


async def test_a_full_disk_leaves_no_half_file(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError):
        await FolderContainer(tmp_path).put_new("a", b"1")
    assert not list((tmp_path / ".tmp").iterdir())


async def test_a_folder_that_vanished_is_an_error_and_no_missing_name(tmp_path):
    root = tmp_path / "recordings"
    container = FolderContainer(root)
    assert await container.get("a") is None
    await container.put_new("a", b"1")
    root.rename(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="vanished"):
        await container.get("a")


async def test_a_folder_that_is_made_during_a_look_has_not_vanished(tmp_path, monkeypatch):
    container = FolderContainer(tmp_path / "recordings")
    look, loop = Path.is_dir, asyncio.get_running_loop()

    def slow_look(path):
        there = look(path)
        monkeypatch.undo()
        asyncio.run_coroutine_threadsafe(container.put("a", b"1"), loop).result(30)
        return there

    monkeypatch.setattr(Path, "is_dir", slow_look)
    assert await container.get("b") is None
    assert [name async for name in container.names()] == ["a"]


async def test_an_edit_that_keeps_size_and_time_shows(tmp_path):
    container = FolderContainer(tmp_path)
    await container.put("a", b"one")
    read, path = await container.get("a"), tmp_path / "a"
    assert await container.get_if_changed("a", read.etag) is UNCHANGED
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed = await container.get_if_changed("a", read.etag)
    assert changed is not UNCHANGED
    assert changed.data == b"two"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
async def test_what_is_no_file_is_an_error_and_harms_no_other(tmp_path, kind):
    container = FolderContainer(tmp_path)
    await container.put_new("good", b"1")
    if kind == "pipe":
        os.mkfifo(tmp_path / "odd")
    elif kind == "device":
        (tmp_path / "odd").symlink_to("/dev/zero")
    else:
        (tmp_path / "odd").mkdir()
    with pytest.raises(StorageError):
        await container.get("odd")
    blob = await container.get("good")
    assert blob is not None
    assert blob.data == b"1"
