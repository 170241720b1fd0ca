"""How long answers take, by whatever says so, and that one setting takes all of it."""

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import SettingError, Settings
from simulator.messages import Answer, Chunk, Request
from simulator.modes.in_flight import MOST_DEPLOYMENTS, InFlight
from simulator.modes.playback import Playback
from simulator.recordings.exchange import Exchange, Piece
from simulator.storage.connection import StorageConnection
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.fleet.conftest import CHAT, Clock
from tests.support.audio_files import silence
from tests.support.azurite import Azurite


class Waiting:
    """A simulator whose waits pass at once, and are noted."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.simulator = create_simulator(Settings(api_key=KEY, **settings), self.clock)
        self.simulator._pacer._until = self._until

    async def _until(self, moment: float) -> None:
        self.clock.now = max(self.clock.now, moment)

    async def chat(self, deployment: str, text: str = "Hello", **members: Any) -> float:
        """Seconds until a plain answer was there."""
        body = {"messages": [{"role": "user", "content": text}], "max_tokens": 1, **members}
        return await self.ask(f"{deployment}/chat/completions", json.dumps(body).encode())

    async def ask(self, path: str, body: bytes, **headers: str) -> float:
        """Seconds until the whole answer was there."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        began = self.clock.now
        response = await self.simulator(
            Request(
                "POST",
                f"/openai/deployments/{path}",
                f"api-version={API_VERSION}",
                {"api-key": KEY, **named},
                body,
            )
        )
        assert response.status == 200
        if not isinstance(response.body, bytes):
            async for _ in response.body:
                pass
        return self.clock.now - began


@pytest.fixture
def deployments(tmp_path: Path) -> str:
    path = tmp_path / "deployments.json"
    load = {"first_token_ms": 1000, "load": {"concurrency": 2, "factor": 3}}
    entries = {
        "plain": {"model": "gpt-4.1"},
        "slow": {"model": "gpt-4.1", "latency": {"first_token_ms": 5000}},
        "shared": {"model": "gpt-4.1", "latency": load},
        "caching": {
            "model": "gpt-4.1",
            "latency": {
                "first_token_ms": 0,
                "prompt_ms_per_1000": 1000,
                "cached_ms_per_1000": 100,
            },
        },
    }
    path.write_text(json.dumps(entries), encoding="utf-8")
    return str(path)


async def test_a_deployment_takes_the_time_that_its_entry_says(deployments: str) -> None:
    waiting = Waiting(deployments_path=deployments)
    assert await waiting.chat("slow") == pytest.approx(5.0)
    assert await waiting.chat("plain") < 0.1


_AUDIO = (
    b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
    + silence(0.5)
    + b"\r\n--x--"
)


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        (
            "tts/audio/speech",
            b'{"model": "tts", "voice": "alloy", "input": "Hi"}',
            "application/json",
        ),
        ("whisper/audio/transcriptions", _AUDIO, "multipart/form-data; boundary=x"),
    ],
    ids=["speech", "transcription"],
)
async def test_little_sound_takes_the_time_of_a_first_token(
    tmp_path: Path, path: str, body: bytes, content_type: str
) -> None:
    name = path.partition("/")[0]
    latency = {"first_token_ms": 700, "token_ms": 0}
    entry = {"model": name, "requestsPerMinute": 100, "latency": latency}
    file = tmp_path / "deployments.json"
    file.write_text(json.dumps({name: entry}), encoding="utf-8")
    waiting = Waiting(deployments_path=str(file))
    assert await waiting.ask(path, body, content_type=content_type) == pytest.approx(0.7)
    rule = '{"latency": {"first_token_ms": 200}}'
    seconds = await waiting.ask(path, body, content_type=content_type, x_simulator_rule=rule)
    assert seconds == pytest.approx(0.2)


async def test_the_factor_is_of_all_and_zero_is_at_once(deployments: str) -> None:
    assert await Waiting(deployments_path=deployments, latency=0.1).chat("slow") == pytest.approx(
        0.5
    )
    waiting = Waiting(deployments_path=deployments, latency=0.0, latency_profile="realistic")
    assert await waiting.chat("slow") == 0
    rule = {"x-simulator-rule": '{"latency": {"first_token_ms": 9000}}', "api-key": KEY}
    path = "/openai/deployments/plain/chat/completions"
    query = f"api-version={API_VERSION}"
    await waiting.simulator(Request("POST", path, query, rule, json.dumps(CHAT).encode()))
    assert waiting.clock.now == 1_000.0


async def test_a_rules_latency_is_scaled_like_all_else(deployments: str) -> None:
    waiting = Waiting(deployments_path=deployments, latency=0.5)
    rule = {"rules": [{"latency": {"first_token_ms": 9000, "factor": 2}}]}
    headers = {"api-key": KEY}
    await waiting.simulator(Request("POST", "/++/rules", "", headers, json.dumps(rule).encode()))
    assert await waiting.chat("slow") == pytest.approx(9.0)


@pytest.mark.parametrize(("latency", "due"), [(1.0, 4.0), (0.5, 2.0), (0.0, 0.0)])
def test_what_is_replayed_is_scaled_too(latency: float, due: float) -> None:
    request = Request("GET", "/openai/v1/models")
    exchange = Exchange(request, 200, {}, (Piece(b"{}", 4_000),), 4_000)
    answer = Playback(1.0, latency).answer(exchange, request)
    assert answer.chunks == (Chunk(b"{}", due),)


async def test_realistic_models_take_their_time(deployments: str) -> None:
    waiting = Waiting(deployments_path=deployments, latency_profile="realistic")
    times = sorted([await waiting.chat("plain") for _ in range(101)])
    assert times[50] == pytest.approx(0.8, rel=0.25)


async def test_what_is_under_way_slows_others_down(deployments: str) -> None:
    waiting = Waiting(deployments_path=deployments)
    began = waiting.clock.now
    times: list[float] = []
    for _ in range(3):
        waiting.clock.now = began
        times.append(await waiting.chat("shared"))
    assert times == pytest.approx([1.0, 2.0, 3.0])
    waiting.clock.now = began + 60
    assert await waiting.chat("shared") == pytest.approx(1.0)


async def test_the_load_of_other_instances_counts_as_that_of_this_one(
    deployments: str, azurite: Azurite
) -> None:
    settings = {
        "deployments_path": deployments,
        "storage": StorageConnection(azurite.connection_string),
        "recording_container": f"load-{uuid.uuid4().hex[:12]}",
    }
    one, two = Waiting(**settings), Waiting(**settings)
    for _ in range(
        5
    ):  # a sign of life is good for 15 seconds, in which a busy machine may do nothing
        for waiting in (one, two):
            waiting.clock.now += 60
            await waiting.chat("plain")
        ready = await two.simulator(Request("GET", "/++/ready"))
        if b'"instances":2' in bytes(ready.body):  # type: ignore[arg-type]  # a plain answer
            break
    began = two.clock.now
    times: list[float] = []
    for _ in range(2):
        two.clock.now = began
        times.append(await two.chat("shared"))
    assert times == pytest.approx([1.0, 3.0])
    for waiting in (one, two):
        await waiting.simulator.close()


async def test_the_cached_part_of_a_prompt_is_quicker(deployments: str) -> None:
    waiting = Waiting(deployments_path=deployments)
    prompt = "All work and no play makes Jack a dull boy. " * 300
    first, second = [await waiting.chat("caching", prompt) for _ in range(2)]
    assert first == pytest.approx(3.3, rel=0.1)
    assert second < 0.5 * first


def test_a_profile_that_cannot_be_read_stops_the_start(make_simulator: MakeSimulator) -> None:
    with pytest.raises(SettingError, match="LATENCY_PROFILE='nowhere"):
        make_simulator(latency_profile="nowhere.json")
    with pytest.raises(SettingError, match="did you mean 'realistic'"):
        make_simulator(latency_profile="realstic")


def test_deployments_under_way_are_bounded() -> None:
    in_flight = InFlight(lambda: 0.0)
    for number in range(MOST_DEPLOYMENTS + 10):
        in_flight.add(str(number), Answer.plain(b"", due=1.0))
    assert len(in_flight._ends) <= MOST_DEPLOYMENTS + 1
