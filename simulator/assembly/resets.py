"""The things that `POST /++/reset` lets begin again."""

import functools
from collections.abc import Awaitable, Callable, Mapping

from simulator.errors import Unavailable
from simulator.journal.journal import Journal
from simulator.limits.store import Store, StoreError
from simulator.operations.prompt_cache import PromptCache
from simulator.operations.responses.store import FOLDER as RESPONSES
from simulator.rules.service import Rules
from simulator.screening import Screener
from simulator.storage.container import Container, StorageError

Resets = Mapping[str, Callable[[], Awaitable[None]]]


def create_resets(
    rules: Rules,
    screener: Screener,
    limits: Store,
    container: Container,
    journal: Journal,
    prompts: PromptCache | None,
) -> Resets:
    async def reset_limits() -> None:
        try:
            await limits.reset()
        except StoreError as error:
            raise Unavailable(f"The limits could not be reset: {error}") from error

    async def reset_responses() -> None:
        try:
            for name in [name async for name in container.names(RESPONSES)]:
                await container.delete(name)
        except StorageError as error:
            raise Unavailable(f"The responses could not be deleted: {error}") from error

    async def reset_journal() -> None:
        journal.clear()

    return {
        "rules": functools.partial(_begin_again, rules, screener),
        "limits": reset_limits,
        "responses": reset_responses,
        "cache": functools.partial(_clear, prompts),
        "journal": reset_journal,
    }


async def _clear(prompts: PromptCache | None) -> None:
    if prompts is not None:
        prompts.clear()


async def _begin_again(rules: Rules, screener: Screener) -> None:
    screener.reset()
    await rules.reset()
