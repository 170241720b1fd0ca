"""The source of answers for rules that name a recording."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.errors import RecordingNotFound, unreadable_recordings
from simulator.messages import Answer
from simulator.modes.base import Mode
from simulator.operations.base import Call, P
from simulator.storage.container import Container, StorageError

if TYPE_CHECKING:
    from simulator.modes.playback import Playback
    from simulator.recordings.store import RecordingStore


class ChosenRecording:
    """Plays the recording that the call's plan names, whatever the request is; what names none is
    generated."""

    strict = True

    def __init__(self, generate: Mode, container: Container, clock: Callable[[], float]) -> None:
        self._generate = generate
        self._container = container
        self._clock = clock
        self._store: RecordingStore | None = None
        self._playbacks: dict[float, Playback] = {}

    async def answer(self, call: Call[P]) -> Answer:
        name = call.plan.recording if call.plan else ""
        if not name:
            return await self._generate.answer(call)
        # Imported on first use: few rules name a recording, and no start waits for it.
        from simulator.modes.playback import Playback
        from simulator.recordings.store import RecordingStore

        self._store = self._store or RecordingStore(self._container, self._clock)
        try:
            exchange = await self._store.find(name)
        except StorageError as error:
            raise unreadable_recordings(error) from error
        if exchange is None:
            raise RecordingNotFound(f"A rule names the recording {name}, which is not there.")
        together = not call.changes_events
        playback = self._playbacks.get(call.latency_factor)
        if playback is None:
            playback = Playback(factor=call.latency_factor)
            self._playbacks = {call.latency_factor: playback}
        return playback.answer(exchange, call.request, call.slowdown, together=together)
