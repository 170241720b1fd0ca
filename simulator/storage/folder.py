"""A container in a folder."""

import asyncio
import contextlib
import errno
import functools
import hashlib
import os
import stat
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from simulator.storage.breaker import TIMEOUT, Breaker
from simulator.storage.container import (
    MOST_BYTES,
    UNCHANGED,
    Blob,
    StorageError,
    Unchanged,
    check_size,
    checked,
)
from simulator.storage.unfinished import sweep, unfinished_name

T = TypeVar("T")

_TEMPORARY = ".tmp"
# Seconds that a conditional write waits for another.
_LOCK_TIMEOUT = 10
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EACCES, errno.EMLINK}
_THREADS = 16


class FolderContainer:
    """Files below a folder, made on the first write. Disk work is done on threads of its own.

    A file appears under its name only when it is whole and on the disk, so several processes may share
    the folder, and any of them may be killed at any moment.
    """

    def __init__(
        self,
        root: Path,
        *,
        timeout: float = TIMEOUT,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._root = root
        self._breaker = Breaker(timeout)
        self._now = now
        self._there = False
        self._swept = False
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="folder")

    async def get(self, name: str) -> Blob | None:
        blob = await self.get_if_changed(name, "")
        return None if isinstance(blob, Unchanged) else blob

    async def get_if_changed(self, name: str, etag: str) -> Blob | Unchanged | None:
        return await self._run(lambda: self._read(self._path(name), etag))

    async def put_new(self, name: str, data: bytes) -> bool:
        return await self._run(lambda: self._write_new(self._path(name), data))

    async def put(self, name: str, data: bytes) -> None:
        await self._run(lambda: self._write(self._path(name), data))

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        return await self._run(lambda: self._write_if_same(self._path(name), data, etag))

    async def delete(self, name: str) -> bool:
        return await self._run(lambda: _delete(self._path(name)))

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        for name in await self._run(lambda: self._walk(prefix)):
            yield name

    async def close(self) -> None:
        return None

    async def _run(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        return await self._breaker.run(
            lambda: loop.run_in_executor(self._pool, functools.partial(_wrapped, work))
        )

    def _path(self, name: str) -> Path:
        return self._root / checked(name)

    def _read(self, path: Path, etag: str) -> Blob | Unchanged | None:
        blob = _read_if_changed(path, etag)
        if blob is None:
            self._check_root()
        return blob

    def _check_root(self) -> None:
        """Raise if the folder was there and is gone: then nothing is missing, but everything."""
        was_there = self._there  # before the check: another thread may make the folder during it
        if self._root.is_dir():
            self._there = True
        elif was_there:
            raise StorageError(f"the folder has vanished: {self._root}")

    def _write_new(self, path: Path, data: bytes) -> bool:
        if path.exists():
            return False
        temporary = self._temporary(data)
        try:
            return _appear(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        temporary = self._temporary(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(path)
        _sync_folder(path.parent)

    def _write_if_same(self, path: Path, data: bytes, etag: str) -> bool:
        from filelock import FileLock

        lock = self._root / _TEMPORARY / f"{hashlib.sha256(bytes(path)).hexdigest()[:16]}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        # The system lets go of the lock of a process that dies.
        with FileLock(lock, timeout=_LOCK_TIMEOUT):
            if _read_if_changed(path, etag) is not UNCHANGED:
                return False
            self._write(path, data)
            return True

    def _temporary(self, data: bytes) -> Path:
        folder = self._root / _TEMPORARY
        folder.mkdir(parents=True, exist_ok=True)
        self._there = True
        if not self._swept:
            self._swept = True
            sweep(folder, self._now())
        path = folder / unfinished_name()
        with path.open("xb") as file:
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            except OSError:  # the disk is full: half a file is of no use
                with contextlib.suppress(OSError):
                    path.unlink()
                raise
        return path

    def _walk(self, prefix: str) -> list[str]:
        folder, _, _ = prefix.rpartition("/")
        top = self._root / checked(folder) if folder else self._root
        self._check_root()
        names: list[str] = []
        for where, folders, files in os.walk(top):
            if _TEMPORARY in folders and Path(where) == self._root:
                folders.remove(_TEMPORARY)
            inside = Path(where).relative_to(self._root).as_posix()
            start = "" if inside == "." else f"{inside}/"
            names.extend(start + file for file in files if (start + file).startswith(prefix))
        return sorted(names)


_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # Windows has neither the flag nor such pipes


def _wrapped(work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        # A write of what is open already names no file.
        raise StorageError(f"{reason}: {error.filename}" if error.filename else reason) from error


def _etag(file: int) -> str:
    status = os.fstat(file)
    # The time of change as well, which no tool can set: an edit may keep size and time of writing.
    times = f"{status.st_mtime_ns:x}-{status.st_ctime_ns:x}"
    return f"{times}-{status.st_ino:x}-{status.st_size:x}"


def _opened(path: str, flags: int) -> int:
    """Open without waiting, which a pipe would take for ever."""
    return os.open(path, flags | _NO_WAIT)


def _read_if_changed(path: Path, etag: str) -> Blob | Unchanged | None:
    try:
        with open(path, "rb", opener=_opened) as file:
            found = _etag(file.fileno())
            if found == etag:
                return UNCHANGED
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "it is no file", path.name)
            check_size(path.name, os.fstat(file.fileno()).st_size)
            return Blob(file.read(MOST_BYTES), found)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _appear(temporary: Path, path: Path) -> bool:
    """Gives a finished file its name, unless that is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _appear_by_rename(temporary, path)
    _sync_folder(path.parent)
    return True


def _appear_by_rename(temporary: Path, path: Path) -> bool:
    """Like `_appear`, on a file system without links (SMB shares, FAT): whole, but of two at once
    the last wins.
    """
    if path.exists():
        return False
    temporary.replace(path)
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself survive a power cut."""
    with contextlib.suppress(
        OSError
    ):  # the folder was removed again, or cannot be opened (Windows)
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
