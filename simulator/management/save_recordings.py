"""`POST /++/save-recordings`: recordings that wait in the spool, of every instance, get their names."""

import msgspec

from simulator.errors import InvalidRequest, Unavailable
from simulator.management.base import BareManagementOperation, own_routes
from simulator.messages import Answer
from simulator.operations.base import Call
from simulator.recordings.promote import promote
from simulator.storage.container import StorageError


class NotRecording(InvalidRequest):
    """The simulator is not in record mode, so there is nothing to save."""

    status = 409

    def __init__(self, mode: str) -> None:
        super().__init__(
            f"The simulator is in {mode} mode; recordings are saved in record mode.",
            code="not_recording",
        )


class SaveRecordings(BareManagementOperation):
    # The timer that does the same has the plain name.
    name = "save_recordings_now"
    routes = own_routes("POST", "save-recordings")

    async def answer(self, call: Call[None]) -> Answer:
        del call
        control = self._control
        mode = control.configuration.current.settings.mode
        if mode != "record":
            raise NotRecording(mode)
        try:
            result = await promote(control.recordings, control.clock)
        except StorageError as error:
            raise Unavailable(f"The recordings cannot be saved: {error}") from error
        return Answer.plain(msgspec.json.encode(result))
