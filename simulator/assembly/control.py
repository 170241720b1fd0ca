"""The control of a simulator, on which its own routes act, and what `POST /++/reset` lets begin again."""

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence

from simulator.assembly.active import create_readiness
from simulator.assembly.foundation import Foundation
from simulator.assembly.parts import Parts
from simulator.assembly.prices import read_price_file
from simulator.errors import Unavailable
from simulator.journal.roll_ups import RollUps
from simulator.journal.shared import SharedJournal
from simulator.limits.store import Store, StoreError
from simulator.management.control import Control
from simulator.operations.batches.store import FOLDER as BATCHES
from simulator.operations.conversations.store import FOLDER as CONVERSATIONS
from simulator.operations.files.store import FOLDER as FILES
from simulator.operations.prompt_cache import PromptCache
from simulator.operations.responses.store import FOLDER as RESPONSES
from simulator.operations.stored_chat.store import FOLDER as COMPLETIONS
from simulator.rules.service import Rules
from simulator.screening import Screener
from simulator.storage.container import Container, StorageError
from simulator.storage.several import several

# Seconds for what lies in one folder.
_DELETING = 30.0

Resets = Mapping[str, Callable[[], Awaitable[None]]]


def create_control(base: Foundation, parts: Parts) -> Control:
    return Control(
        configuration=parts.configuration,
        rules=parts.rules,
        readiness=create_readiness(base, parts.configuration, parts.store, parts.fleet),
        recordings=base.recordings,
        clock=base.clock,
        journal=base.journal,
        prices=read_price_file(base.settings),
        limits=parts.limits,
        resets=_create_resets(base, parts),
        console=base.settings.serves_console,
        deployments=parts.active.deployments,
        fleet=parts.fleet,
        scrape=base.telemetry.scrape,
        presence=base.presence,
        roll_ups=parts.roll_ups,
    )


def _create_resets(base: Foundation, parts: Parts) -> Resets:
    """The names of what can begin again, and how it does."""
    delete = functools.partial(_delete, base.container)
    return {
        "rules": functools.partial(_begin_again, parts.rules, parts.screener),
        "limits": functools.partial(_empty, parts.store),
        "responses": functools.partial(delete, (RESPONSES,), "responses"),
        "conversations": functools.partial(delete, (CONVERSATIONS,), "conversations"),
        "completions": functools.partial(delete, (COMPLETIONS,), "completions"),
        "files": functools.partial(delete, (BATCHES, FILES), "files"),
        "cache": functools.partial(_clear, parts.resources.prompt_cache),
        "journal": functools.partial(_forget, base.journal, parts.roll_ups),
    }


async def _empty(limits: Store) -> None:
    try:
        await limits.reset()
    except StoreError as error:
        raise Unavailable(f"The limits could not be reset: {error}") from error


async def _forget(journal: SharedJournal, roll_ups: RollUps | None) -> None:
    await journal.clear()
    if roll_ups is not None:
        await roll_ups.flush()


async def _delete(container: Container, folders: Sequence[str], what: str) -> None:
    try:
        for folder in folders:
            found = [name async for name in container.names(folder)]
            deleted = [one async for one in several(found, container.delete, seconds=_DELETING)]
            if len(deleted) < len(found):
                raise StorageError(f"it takes more than {_DELETING:g} seconds; the rest is there")
    except StorageError as error:
        raise Unavailable(f"The {what} could not be deleted: {error}") from error


async def _clear(prompts: PromptCache | None) -> None:
    if prompts is not None:
        prompts.clear()


async def _begin_again(rules: Rules, screener: Screener) -> None:
    screener.reset()
    await rules.reset()
