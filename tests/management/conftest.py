"""The apps of the tests of overrides."""

from tests.configuration.conftest import app, clock, folder, lone

__all__ = ["app", "clock", "folder", "lone"]
