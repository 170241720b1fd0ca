"""The base of the operations on files."""

from simulator.operations.base import Operation, P
from simulator.operations.files.store import FileStore
from simulator.operations.resources import Resources

FILE_TYPE = "application/json; charset=utf-8"
"""The content type of the service of files and batches (an upload's, 2026-09, and a new batch's, 2024-10;
the others by analogy)."""


class FileOperation(Operation[P]):
    """An operation on the files of a resource."""

    stateful = True

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._store = FileStore(resources.container, resources.now)
