"""Unfinished files: their names say who writes them, so that what a killed process left is removed."""

import contextlib
import functools
import hashlib
import os
import re
import secrets
import socket
from pathlib import Path

ABANDONED = 3_600.0
"""Seconds after which an unfinished file of another machine has no writer any more."""
_NAME = re.compile(r"([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{16}")


def unfinished_name() -> str:
    """Return a name that no other file has: of this machine, this process and chance."""
    return f"{_machine()}-{os.getpid()}-{secrets.token_hex(8)}"


def sweep(folder: Path, now: float) -> None:
    """Delete the files of processes that have ended, and those that are old (seconds since 1970)."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process sweeps, too
            if path.suffix != ".lock" and _is_left(path, now):
                path.unlink()


def _is_left(path: Path, now: float) -> bool:
    found = _NAME.fullmatch(path.name)
    if found and found[1] == _machine() and os.name == "posix":
        return not _runs(int(found[2]))
    return path.stat().st_mtime < now - ABANDONED


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs as somebody else
        return True
    return True


@functools.cache
def _machine() -> str:
    """Return a few digits that differ wherever the numbers of processes are others'."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):  # on Linux: since the last boot, and in this container
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii"))
        parts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8]
