"""The fake upstream of the modes' tests."""

from tests.modes.conftest import durable, quick, served, world

__all__ = ["durable", "quick", "served", "world"]
