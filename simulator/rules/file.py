"""The rules of `RULES_PATH`, a file or a blob, which is followed."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from simulator.errors import InvalidRequest, StartError
from simulator.rules.document import read_document
from simulator.rules.rule import Rule
from simulator.storage.container import Container, Unchanged
from simulator.storage.watched import WatchedBlob

logger = logging.getLogger(__name__)


class RulesFileError(StartError):
    """The rules' file at the start; the text says where it is wrong."""


class FollowedRules(Protocol):
    """Rules that somebody may change; `local` ones are looked at without waiting for a store."""

    local: bool

    async def news(self) -> Sequence[Rule] | None:
        """The rules if there are new ones that can be used. May raise `StorageError`."""
        ...


class _Refused:
    """Logs why new rules are refused, each reason once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._why = ""

    def log(self, why: str) -> None:
        if why and why != self._why:
            logger.error("%s is refused, what was in force stays in force: %s", self._name, why)
        self._why = why


class RulesFile:
    """A file; a new one is recognised by its time, size and number."""

    local = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._refused = _Refused(str(path))
        self._stamp: tuple[int, ...] | None = None

    def first(self) -> Sequence[Rule]:
        """Raises `RulesFileError`."""
        try:
            self._stamp = self._stamp_now()
            return read_document(self._path.read_bytes())
        except OSError as error:
            raise RulesFileError(f"RULES_PATH: {self._path}: {error.strerror}") from None
        except InvalidRequest as error:
            raise RulesFileError(f"RULES_PATH: {self._path}: {error.message}") from None

    async def news(self) -> Sequence[Rule] | None:
        return self._news()

    def _news(self) -> Sequence[Rule] | None:
        try:
            stamp = self._stamp_now()
            if stamp == self._stamp:
                return None
            data = self._path.read_bytes()
            self._stamp = stamp
            rules = read_document(data)
        except OSError as error:
            self._refused.log(error.strerror or str(error))
            return None
        except InvalidRequest as error:
            self._refused.log(error.message)
            return None
        self._refused.log("")
        return rules

    def _stamp_now(self) -> tuple[int, ...]:
        found = self._path.stat()
        return found.st_mtime_ns, found.st_size, found.st_ino


class RulesBlob:
    """A blob of the container."""

    local = False

    def __init__(self, container: Container, name: str) -> None:
        self._watched = WatchedBlob(container, name)
        self._refused = _Refused(name)

    async def news(self) -> Sequence[Rule] | None:
        blob = await self._watched.news()
        if isinstance(blob, Unchanged):
            return None
        if blob is None:
            self._refused.log("there is no such blob")
            return None
        self._watched.accept(blob)
        try:
            rules = read_document(blob.data)
        except InvalidRequest as error:
            self._refused.log(error.message)
            return None
        self._refused.log("")
        return rules
