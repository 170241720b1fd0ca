"""The loading of the app by the commands that serve it."""

import contextlib
import gc
from collections.abc import Generator


@contextlib.contextmanager
def without_collections() -> Generator[None]:
    """Look for no garbage meanwhile: nearly all that is loaded stays, and is gone through again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
