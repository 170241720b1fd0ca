"""A disk without room under a folder of recordings."""

import os
from pathlib import Path

import pytest

from simulator.storage.container import StorageError
from simulator.storage.folder import FolderContainer


async def test_the_reason_names_no_file_where_the_write_named_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        del file
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"^No space left on device$"):
        await FolderContainer(tmp_path).put_new("a", b"1")
