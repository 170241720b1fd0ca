"""Timers: work on shared storage, which one instance does for all."""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.assembly.containers import choose_recordings
from simulator.configuration.settings import Settings
from simulator.recordings.promote import promote

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Timer:
    """`schedule` is an NCRONTAB of six fields, the seconds first; `run` may be run again."""

    name: str
    schedule: str
    run: Callable[[], Awaitable[None]]


def timers_of(settings: Settings) -> tuple[Timer, ...]:
    """The timer that gives spooled recordings their names, wherever there may be some: an app with a
    store can be switched to record at run time, and one whose setting was changed back still has
    what it spooled before. It runs on an instance of its own on Azure, so it has a container of its
    own.
    """
    stored = settings.storage is not None or bool(settings.recording_dir)
    if settings.mode != "record" and settings.recording_autosave and not stored:
        return ()
    container = choose_recordings(settings)

    async def save_recordings() -> None:
        try:
            result = await promote(container, time.monotonic)
        finally:
            await container.close()
        if result.batches:
            logger.info("saved %d recordings of %d batches", result.saved, result.batches)

    return (Timer("save_recordings", settings.recording_save_schedule, save_recordings),)
