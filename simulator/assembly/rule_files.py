"""The files that rules name: beside the file of rules, or in the container."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from simulator.configuration.settings import Settings
from simulator.storage.container import Container, StorageError

logger = logging.getLogger(__name__)

LARGEST = 20 * 2**20
"""Bytes of a file."""


ReadFile = Callable[[str], Awaitable[bytes | None]]


def rule_files(settings: Settings, container: Container) -> ReadFile:
    """Return a reader of files by name; what cannot be read is None, and logged."""
    path = settings.rules_path
    folder = Path(path).resolve().parent if path and not path.startswith("blob:") else None

    async def read(name: str) -> bytes | None:
        try:
            data = folder and await asyncio.to_thread(_beside, folder, name)
            if not data:
                blob = await container.get(name)
                data = blob and blob.data
        except (OSError, StorageError) as error:
            logger.warning("the file %s of a rule cannot be read: %s", name, error)
            return None
        if not data or len(data) > LARGEST:
            why = "is larger than 20 MB" if data else "is not there"
            logger.warning("the file %s of a rule %s", name, why)
            return None
        return data

    return read


def _beside(folder: Path, name: str) -> bytes | None:
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        return None
    with path.open("rb") as file:
        return file.read(LARGEST + 1)
