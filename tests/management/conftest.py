"""The apps of the tests of overrides."""

from tests.configuration.conftest import app, folder, lone

__all__ = ["app", "folder", "lone"]
