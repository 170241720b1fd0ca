"""The things that `POST /++/reset` lets begin again."""

from collections.abc import Awaitable, Callable, Mapping

from simulator.errors import Unavailable
from simulator.journal.journal import Journal
from simulator.limits.store import Store, StoreError
from simulator.operations.responses.store import FOLDER as RESPONSES
from simulator.rules.service import Rules
from simulator.screening import Screener
from simulator.storage.container import Container, StorageError

Resets = Mapping[str, Callable[[], Awaitable[None]]]


def create_resets(
    rules: Rules, screener: Screener, limits: Store, container: Container, journal: Journal
) -> Resets:
    async def reset_rules() -> None:
        screener.reset()
        await rules.reset()

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
        "rules": reset_rules,
        "limits": reset_limits,
        "responses": reset_responses,
        "journal": reset_journal,
    }
