"""What tests of the fleet start from: a host with a fleet, and one on a clock that tests move."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from tests.conftest import KEY, NO_LATENCY
from tests.support.asking import Reply, ask

CHAT = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 10}
ONE = {"chat": {"model": "gpt-4o"}}
TWO_REGIONS: dict[str, Any] = {
    "resources": {
        "swedencentral": {"region": "Sweden Central", "deployments": ONE},
        "eastus2": {"region": "East US 2", "deployments": ONE},
    }
}


@dataclass
class Clock:
    """Seconds that pass when a test says so, by both clocks of a simulator."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now

    def time_of_day(self) -> float:
        return 1_790_000_000.0 + self.now


@dataclass
class World:
    """A simulator with a fleet on a clock that stands."""

    simulator: Simulator
    clock: Clock
    path: Path

    async def chat(self, resource: str, deployment: str = "chat", **options: Any) -> Reply:
        path = f"/resources/{resource}/openai/deployments/{deployment}/chat/completions"
        return await ask(self.simulator, path, {**CHAT, **options})

    async def manage(self, path: str, method: str = "GET") -> Any:
        reply = await ask(self.simulator, f"/++/{path}", method=method, query="")
        assert reply.status == 200, reply.body
        return reply.json

    def at(self, seconds: float) -> None:
        """Move the clock to a moment of a scenario that began when the clock began."""
        self.clock.now = 1_000.0 + seconds

    def write(self, fleet: dict[str, Any] | str) -> None:
        text = fleet if isinstance(fleet, str) else json.dumps(fleet)
        self.path.write_text(text, encoding="utf-8")


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> MakeWorld:
    def make(fleet: dict[str, Any], **settings: Any) -> World:
        path = tmp_path / "fleet.json"
        clock = Clock()
        world = World(None, clock, path)  # type: ignore[arg-type]  # made of the file below
        world.write(fleet)
        chosen = Settings(
            api_key=KEY,
            fleet_path=str(path),
            allow_undefined_deployments=False,
            **{**NO_LATENCY, **settings},
        )
        world.simulator = create_simulator(chosen, clock, now=clock.time_of_day)
        return world

    return make
