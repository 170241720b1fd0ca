"""The sources that recordings are checked against: the resource, or this simulator's own generator."""

import dataclasses
import functools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping

from msgspec import structs

from simulator.assembly.deployments import deployments_blob, read_deployments
from simulator.assembly.fleet import resource_upstreams
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import SettingError, Settings
from simulator.errors import UpstreamUnavailable
from simulator.messages import Request, is_event_stream
from simulator.recordings.analysis.requests import by_model
from simulator.recordings.events import EventSplitter
from simulator.recordings.exchange import Exchange, Piece
from simulator.upstream.client import Upstream
from simulator.upstream.credentials import ApiKey, EntraToken

_KEY = "the-key-of-this-check"
_DAY = 86_400.0


@dataclasses.dataclass(frozen=True, slots=True)
class AnswerSource:
    """A source of newer answers to recorded requests; `close` ends its connections."""

    answer: Callable[[Exchange], Awaitable[Exchange]]
    close: Callable[[], Awaitable[None]]


def upstream_source(settings: Settings) -> AnswerSource:
    """Recordings of a fleet's resource are asked of its own upstream, if the file gives one. Raises
    `SettingError` without a resource to ask.
    """
    upstreams = _upstreams(settings)

    async def answer(recorded: Exchange) -> Exchange:
        request = recorded.request
        upstream = upstreams.get(request.resource) or upstreams.get("")
        if upstream is None:
            raise UpstreamUnavailable("AZURE_OPENAI_ENDPOINT is not set.")
        received = await upstream.send(request)
        try:
            return await _exchange(request, received.status, received.headers, received.pieces)
        finally:
            received.close()

    async def close() -> None:
        for upstream in upstreams.values():
            await upstream.close()

    return AnswerSource(answer, close)


def _upstreams(settings: Settings) -> Mapping[str, Upstream]:
    """The upstreams by the names of their resources; the one of the settings has no name."""
    own = resource_upstreams(settings)
    key, identity = settings.upstream_key, EntraToken(time.time)
    create = functools.partial(
        Upstream, timeout=settings.upstream_timeout, total=settings.upstream_total_timeout
    )
    upstreams = {name: create(one.endpoint, one.key or identity) for name, one in own.items()}
    if settings.upstream_endpoint:
        upstreams[""] = create(settings.upstream_endpoint, ApiKey(key) if key else identity)
    if not upstreams:
        allowed = "the address of the resource whose recordings are checked"
        raise SettingError("AZURE_OPENAI_ENDPOINT", "''", allowed)
    return upstreams


def generator_source(settings: Settings) -> AnswerSource:
    """The generator answers at once and without rules, and of no request is anything used when the next
    one comes. A deployment that no deployment file gives is taken to be of the model that the recording
    names.
    """
    passed = 0.0
    simulator = create_simulator(_generating(settings), lambda: time.monotonic() + passed)
    defined: Collection[str] = ()
    if settings.deployments_path and deployments_blob(settings) is None:
        defined = read_deployments(settings, "memory")

    async def answer(recorded: Exchange) -> Exchange:
        nonlocal passed
        passed += _DAY
        request = by_model(recorded, defined)
        named = {**request.headers, "api-key": _KEY}
        response = await simulator(structs.replace(request, headers=named))
        body = response.body
        pieces = _one(body) if isinstance(body, bytes) else body
        return await _exchange(request, response.status, response.headers, pieces)

    return AnswerSource(answer, simulator.close)


def _generating(settings: Settings) -> Settings:
    return dataclasses.replace(
        settings,
        mode="generate",
        api_key=_KEY,
        latency=0.0,
        default_deployment_limits=False,
        allow_undefined_deployments=True,
        redis_url="",
        rules_path="",
        fleet_path="",
        keys_path="",
        journal_size=0,
        hints=False,
    )


async def _exchange(
    request: Request, status: int, headers: Mapping[str, str], pieces: AsyncIterator[bytes]
) -> Exchange:
    """The answer as it would be recorded, but for the moments of its pieces."""
    streamed = is_event_stream(headers.get("content-type"))
    whole = b"".join([piece async for piece in pieces])
    found = (Piece(whole, 0),)
    if streamed:
        splitter = EventSplitter()
        found = tuple(Piece(event, 0) for event in splitter.feed(whole))
    return Exchange(request, status, headers, found, 0, streamed)


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body
