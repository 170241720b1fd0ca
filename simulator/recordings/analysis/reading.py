"""All recordings of a store, one after the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from simulator.errors import RecordingBroken
from simulator.recordings import names
from simulator.recordings.exchange import Exchange
from simulator.recordings.store import RecordingStore
from simulator.storage.container import Container

_AT_ONCE = 16

Progress = Callable[[int, int], None]
"""Called with the number of recordings that are done, and of all."""


async def recorded_names(container: Container, sample: int | None = None) -> Sequence[str]:
    """The names of the recordings, in order; a sample is taken evenly over their routes, and over the
    recordings of each. Raises `StorageError`.
    """
    found = sorted([name async for name in container.names() if names.is_recording(name)])
    return found if sample is None else sample_of(found, sample)


def sample_of(found: Sequence[str], sample: int) -> Sequence[str]:
    """Return this number of the ordered names, of each route as many as of any other, as far as it has
    them.
    """
    routes: dict[str, list[str]] = {}
    for name in found:
        routes.setdefault(name.rpartition("/")[0], []).append(name)
    taken: list[str] = []
    for number, route in enumerate(sorted(routes.values(), key=len)):
        left, routes_left = sample - len(taken), len(routes) - number
        taken += _evenly(route, min(len(route), left // routes_left))
    return sorted(taken)


def _evenly(found: Sequence[str], count: int) -> Sequence[str]:
    return [found[at * len(found) // count] for at in range(count)]


async def exchanges(
    store: RecordingStore, found: Sequence[str], progress: Progress
) -> AsyncIterator[tuple[str, Exchange | None]]:
    """Each recording that is still there; None for one that cannot be understood. Raises
    `StorageError`.
    """
    for start in range(0, len(found), _AT_ONCE):
        batch = found[start : start + _AT_ONCE]
        read = await asyncio.gather(*(_read(store, name) for name in batch))
        for name, exchange in zip(batch, read, strict=True):
            yield name, exchange
        progress(start + len(batch), len(found))


async def _read(store: RecordingStore, name: str) -> Exchange | None:
    try:
        return await store.find(name)
    except RecordingBroken:
        return None
