"""The pytest plugin: the fixture `aoai`, a simulator for each test."""

import os
import time
from collections.abc import Generator

import pytest

from simulator.testing.server import Simulator

_URL, _KEY = "AOAI_SIMULATOR_URL", "AOAI_SIMULATOR_KEY"
_LOG_SECONDS = 0.3
"""The server writes its log in batches of a tenth of a second."""
_SERVER = pytest.StashKey[Simulator]()
_MARK = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def aoai_server() -> Generator[Simulator]:
    """The server of all tests of this process: its own, or the one that AOAI_SIMULATOR_URL names."""
    key = os.environ.get(_KEY) or os.environ.get("AZURE_OPENAI_API_KEY", "")
    url = os.environ.get(_URL, "")
    with Simulator(url, key if url else "") as server:
        yield server


@pytest.fixture
def aoai(
    aoai_server: Simulator, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Simulator:
    """A simulator as a test finds it each time, which clients are pointed at by their variables."""
    aoai_server.reset()
    for name, value in aoai_server.environment.items():
        monkeypatch.setenv(name, value)
    request.node.stash[_SERVER] = aoai_server
    request.node.stash[_MARK] = aoai_server.log_size
    return aoai_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what the server has logged where a test fails."""
    report = yield
    if report.failed and _SERVER in item.stash:
        time.sleep(_LOG_SECONDS)
        logged = item.stash[_SERVER].log(item.stash[_MARK])
        report.sections.append((f"simulator log ({call.when})", logged))
    return report
