"""The containers that recordings are tested in."""

from tests.storage.conftest import container

__all__ = ["container"]
