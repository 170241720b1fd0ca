"""Fixtures that the tests of several parts share."""

import pytest

from tests.azurite import azurite

__all__ = ["azurite"]


def pytest_configure(config: pytest.Config) -> None:
    # The storage SDK hands a blob to aiohttp in one piece, which aiohttp finds large from 1 MB on. It
    # is sent by the SDK's own code, and a batch of 4 MB takes the loop a few milliseconds.
    config.addinivalue_line(
        "filterwarnings", "ignore:Sending a large body directly with raw bytes:ResourceWarning"
    )
