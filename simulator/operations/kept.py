"""Common parts of the stores of operations: names by resource, and containers that fail."""

import contextlib
import hashlib
from collections.abc import Generator

from simulator.errors import Unavailable
from simulator.storage.container import StorageError


@contextlib.contextmanager
def reporting(kept: str) -> Generator[None]:
    """Report a container that fails as `Unavailable`; `kept` is what is kept in it."""
    try:
        yield
    except StorageError as error:
        raise Unavailable(
            f"The container that {kept} are kept in does not answer. {error}"
        ) from error


def mark_of(resource: str) -> str:
    """Return the mark of a resource in names; its own name may hold what no name in a container may."""
    return hashlib.sha256(resource.encode()).hexdigest()[:16]
