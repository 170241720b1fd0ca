"""Answers of an upstream that are packed, cut, or no HTTP at all."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulator.app import Simulator
from tests.conftest import MakeSimulator
from tests.support import fake_upstream as fake
from tests.support.asking import Reply, ask
from tests.support.fake_upstream import Asked, Connection, running_upstream

CHAT = "/openai/deployments/gpt-4o/chat/completions"
BODY = {"messages": [{"role": "user", "content": "Hello"}]}
# What the brotli library makes of it.
BROTLI = b'\x8b\x05\x80{"whole": 1}\x03'


class Recorder:
    """A simulator that records, and what its upstream answers to everything."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.answer = b""
        self.headers: dict[str, str] = {}
        self.is_http = True

    async def serve(self, writer: Connection, asked: Asked) -> None:
        del asked
        if self.is_http:
            await writer.whole(self.answer, 200, **self.headers)
        else:
            await writer.send(self.answer)

    async def ask(self, answer: bytes, *, is_http: bool = True, **headers: str) -> Reply:
        self.answer, self.headers, self.is_http = answer, headers, is_http
        return await ask(self.simulator, CHAT, BODY)

    async def is_recorded(self) -> bool:
        """Whether the same request would be answered by a recording."""
        return (await ask(self.simulator, CHAT, BODY)).headers.get("x-recording") == "hit"


@pytest.fixture
async def recorder(make_simulator: MakeSimulator, tmp_path: Path) -> AsyncIterator[Recorder]:
    async with running_upstream() as upstream:
        simulator = make_simulator(
            mode="record",
            upstream_endpoint=upstream.endpoint,
            upstream_key="upstreams-key",
            recording_dir=str(tmp_path),
        )
        made = Recorder(simulator)
        upstream.behaviours["completions"] = made.serve
        yield made
        await simulator.close()


@pytest.mark.parametrize(("cut", "recorded"), [(12, False), (0, True)])
async def test_packed_json_is_recorded_if_it_is_whole(
    recorder: Recorder, cut: int, recorded: bool
) -> None:
    packed = gzip.compress(b'{"whole": 1}')
    await recorder.ask(packed[: len(packed) - cut], content_encoding="gzip")
    assert await recorder.is_recorded() == recorded


async def test_a_packed_stream_that_is_cut_is_not_recorded(recorder: Recorder) -> None:
    packed = gzip.compress(fake.STREAM)[:-20]
    kind = "text/event-stream"
    reply = await recorder.ask(packed, content_encoding="gzip", content_type=kind)
    assert reply.body.startswith(fake.EVENTS[0])
    assert not await recorder.is_recorded()


async def test_an_answer_without_a_body_is_not_recorded_as_json(recorder: Recorder) -> None:
    assert (await recorder.ask(b"")).body == b""
    assert not await recorder.is_recorded()


async def test_what_aiohttp_unpacks_does_not_claim_to_be_packed(recorder: Recorder) -> None:
    reply = await recorder.ask(BROTLI, content_encoding="br")
    assert reply.json == {"whole": 1}
    assert "content-encoding" not in reply.headers


async def test_an_answer_that_is_no_http_is_told_from_none_and_shows_no_address(
    recorder: Recorder,
) -> None:
    reply = await recorder.ask(b"ICY 200 OK\r\n\r\n{}", is_http=False)
    message: str = json.loads(reply.body)["error"]["message"]
    assert reply.status == 502
    assert " sent an answer that cannot be read: " in message
    assert "url=" not in message
    assert "\n" not in message
