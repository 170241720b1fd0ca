"""The rules: where they and the files that they name come from, and where they are counted."""

import asyncio
import functools
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from simulator.assembly.blob_names import is_blob
from simulator.assembly.budgets import matching_budget
from simulator.assembly.containers import kind_of
from simulator.assembly.followed import follow
from simulator.assembly.foundation import Foundation
from simulator.assembly.limits import redis_credentials
from simulator.assembly.presence import counter_of
from simulator.configuration.settings import Settings
from simulator.errors import InvalidRequest
from simulator.extensions.loading import ExtensionError
from simulator.fleet.scenario import Scenario
from simulator.limits.refusal import Refusals
from simulator.rules.counts import Counts, FallbackCounts, MemoryCounts
from simulator.rules.document import EXTENSION_PREFIX, FILE_PREFIX, read_document, read_rules
from simulator.rules.faults import Faults
from simulator.rules.operation_names import check_operations
from simulator.rules.rule import Rule
from simulator.rules.service import Rules
from simulator.rules.sources import Sources, Times
from simulator.storage.container import Container, StorageError
from simulator.storage.followed import CLOSE, UnusableDocument
from simulator.storage.refresh import RefreshPolicy

logger = logging.getLogger(__name__)

LARGEST_FILE = 20 * 2**20
"""Bytes of a file that a rule names."""

ReadFile = Callable[[str], Awaitable[bytes | None]]


def choose_rules(base: Foundation, scenario: Scenario | None, operations: Collection[str]) -> Rules:
    """The rules, for `operations` of these names, timed by the scenario if there is one. Raises
    `SettingError`, `FollowedFileError` or `ExtensionError`.
    """
    settings, container, clock = base.settings, base.container, base.clock
    reader = functools.partial(_rules_of, operations)
    source = follow("RULES_PATH", settings.rules_path, container, reader)
    sources = Sources(
        container,
        kind_of(container) != "memory",
        source and source.followed,
        (source and source.first) or (),
        _added_rules(base.added.rules, operations),
        _files_of_rules(settings, base.recordings),
        operations,
    )
    # Processes that share a folder are those of one machine: a test of theirs is not to wait for seconds.
    close = kind_of(container) == "folder" or (source and not source.followed.local)
    return Rules(
        sources,
        _choose_counts(settings, counter_of(base.presence)),
        Times(clock, time.time, _elapsed(scenario, clock), matching_budget),
        base.rng,
        faults=Faults(Refusals(settings.region, settings.rate_limit_body)),
        hints=settings.shows_hints,
        policy=CLOSE if close else RefreshPolicy(),
    )


def _elapsed(scenario: Scenario | None, clock: Callable[[], float]) -> Callable[[], float]:
    """Return the scenario's clock; without a scenario, one that begins at the start."""
    began = clock()
    return lambda: clock() - began if scenario is None else scenario.clock


def _rules_of(operations: Collection[str], document: bytes) -> Sequence[Rule]:
    try:
        rules = read_document(document, prefix=FILE_PREFIX)
        check_operations(rules, operations)
    except InvalidRequest as error:
        raise UnusableDocument(error.message) from None
    return rules


def _added_rules(added: Sequence[Mapping[str, Any]], operations: Collection[str]) -> Sequence[Rule]:
    """The rules of the extension. Raises `ExtensionError` for an operation that there is not."""
    rules = read_rules(added, prefix=EXTENSION_PREFIX)
    try:
        check_operations(rules, operations)
    except InvalidRequest as error:
        raise ExtensionError(f"the extension adds a rule that cannot be: {error.message}") from None
    return rules


def _choose_counts(settings: Settings, instances: Callable[[], int]) -> Counts:
    if not settings.redis_url:
        return MemoryCounts(instances)
    from simulator.limits.redis_store import connect
    from simulator.rules.redis_counts import RedisCounts

    client = connect(settings.redis_url, credentials=redis_credentials(settings))
    return FallbackCounts(RedisCounts(client))


def _files_of_rules(settings: Settings, container: Container) -> ReadFile:
    """Return a reader of the files that rules name: beside the file of rules, or in the container;
    what cannot be read is None, and logged."""
    path = settings.rules_path
    folder = Path(path).resolve().parent if path and not is_blob(path) else None

    async def read(name: str) -> bytes | None:
        try:
            data = folder and await asyncio.to_thread(_beside, folder, name)
            if not data:
                blob = await container.get(name)
                data = blob and blob.data
        except (OSError, StorageError) as error:
            logger.warning("the file %s of a rule cannot be read: %s", name, error)
            return None
        if not data or len(data) > LARGEST_FILE:
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
        return file.read(LARGEST_FILE + 1)
