"""What tests start from: a simulator without latency, alone or behind the local Functions host."""

import asyncio
import contextlib
import functools
import json
import logging
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpcore2
import httpx2
import hypothesis
import openai
import pytest

from simulator.app import Simulator
from simulator.assembly.operations import OPERATIONS
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from simulator.hosting.functions_app import create_app
from simulator.hosting.local_host import Closing, create_server, serve_all
from simulator.hosting.triggers import Triggers, read_triggers
from simulator.telemetry.logs import REQUESTS
from tests.support.azurite import azurite
from tests.support.clock import Clock

__all__ = ["azurite"]

KEY = "the-key-of-the-tests"
API_VERSION = "2024-10-21"
NO_LATENCY = {
    f"{operation}_{figure}": 0.0
    for operation in ("embeddings", "completions", "chat_completions", "translations")
    for figure in ("mean", "std_dev")
}
FULL_LENGTH: dict[str, Any] = {"answer_length": "max", "answer_tokens_std_dev": 0.0}
"""Answers of exact sizes, which most tests count with."""

MakeSimulator = Callable[..., Simulator]
Serve = Callable[..., str]


def _share_authorities() -> None:
    """Let clients share what they have read of the system's authorities: each would read it anew, in
    30 ms, though hardly one of them meets a certificate."""
    read = functools.cache(lambda _, trust_env: own(_trust_env=trust_env))
    own = httpcore2.default_ssl_context

    def context(*, _trust_env: bool = True) -> ssl.SSLContext:
        named = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        return read(named, _trust_env)

    httpcore2.default_ssl_context = context


def pytest_configure(config: pytest.Config) -> None:
    _share_authorities()
    # Programs that tests start would compile the simulator each time, in 0.4 s.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Machines are slow at times; the first use of an encoding loads it.
    # By chance no run is red: what is drawn changes with the test alone. Each night it is drawn anew.
    hypothesis.settings.register_profile("project", deadline=None, derandomize=True)
    hypothesis.settings.register_profile("random", deadline=None)
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "project"))
    # The storage SDK hands a blob to aiohttp in one piece, which aiohttp finds large from 1 MB on. It
    # is sent by the SDK's own code, and a batch of 4 MB takes the loop a few milliseconds.
    config.addinivalue_line(
        "filterwarnings", "ignore:Sending a large body directly with raw bytes:ResourceWarning"
    )


@pytest.fixture(autouse=True)
def lines_of_requests() -> Iterator[None]:
    """A host that is served in a test shows its lines on that test's console, not on later ones'."""
    logger = logging.getLogger(REQUESTS)
    before = (logger.handlers[:], logger.propagate)
    yield
    logger.handlers[:], logger.propagate = before


def _settings(overrides: dict[str, Any]) -> Settings:
    return Settings(**{"api_key": KEY, **NO_LATENCY, **FULL_LENGTH, **overrides})


def _made(environment: Mapping[str, str] | None = None, **overrides: Any) -> Simulator:
    return create_simulator(_settings(overrides), environment=environment or {})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def make_simulator() -> MakeSimulator:
    """`make_simulator(**settings)`: a simulator of its own, with `KEY` and no latency by default.

    `environment` is what its extension finds settings in.
    """
    return _made


async def nothing() -> None:
    """What a host without a simulator closes at its end."""


@contextlib.contextmanager
def running(triggers: Triggers, closing: Closing = nothing, **options: Any) -> Iterator[str]:
    """The address of the local Functions host with these triggers."""
    server = create_server(triggers, grace=1, **options)
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(serve_all(server, triggers, listener, closing))

    thread = threading.Thread(target=run)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread.start()
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def served(overrides: dict[str, Any]) -> Iterator[str]:
    simulator = _made(**overrides)
    largest = overrides.get("max_body_mb", 100) * 2**20
    app = create_app(simulator, OPERATIONS, largest_body=largest)
    with running(read_triggers(app.get_functions()), simulator.close) as url:
        yield url


@contextlib.contextmanager
def serving(deployments: Mapping[str, Any]) -> Iterator[str]:
    """The address of a host with these deployments."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "deployments.json")
        path.write_text(json.dumps(deployments))
        with served({"deployments_path": str(path)}) as url:
            yield url


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve(**settings)`: the address of a local Functions host with a simulator of its own."""
    with contextlib.ExitStack() as stack:
        yield lambda **overrides: stack.enter_context(served(overrides))


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a host that all tests share: for what leaves nothing behind in it."""
    with served({}) as url:
        yield url


@pytest.fixture
def client(server: str) -> Iterator[openai.AzureOpenAI]:
    with openai.AzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def v1(server: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server}/openai/v1/", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(server: str) -> AsyncIterator[openai.AsyncAzureOpenAI]:
    async with openai.AsyncAzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        yield client


@pytest.fixture
def http(server: str) -> Iterator[httpx2.Client]:
    """A plain HTTP client of the shared host, with the key: for what is to be seen byte by byte."""
    with httpx2.Client(base_url=server, headers={"api-key": KEY}) as client:
        yield client
