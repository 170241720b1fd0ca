"""Simulators as instances of one app, and a clock that tests move."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.app import Simulator
from simulator.assembly.simulator import create_simulator
from simulator.configuration.overrides.service import RunTimeConfiguration
from simulator.configuration.overrides.stored import NAME
from simulator.configuration.settings import Settings
from tests.conftest import KEY, NO_LATENCY
from tests.support.asking import Reply, ask
from tests.support.clock import Clock

CONFIG = "/++/config"


@dataclass
class Instances:
    """Instances of an app: they share the settings, and so the store, and here the clock."""

    settings: dict[str, Any]
    clock: Clock = field(default_factory=Clock)
    waited: list[float] = field(default_factory=list[float])
    """How long answers would have been waited for: by its own the clock reaches no moment."""
    started: list[Simulator] = field(default_factory=list[Simulator])

    def start(self, **settings: Any) -> Simulator:
        """Another instance, or with other settings a newer version of the app."""
        values = {"api_key": KEY, **NO_LATENCY, **self.settings, **settings}
        simulator = create_simulator(Settings(**values), self.clock)
        simulator._pacer._until = self._until
        self.started.append(simulator)
        return simulator

    async def close(self) -> None:
        for simulator in self.started:
            await simulator.close()

    async def _until(self, moment: float) -> None:
        self.waited.append(moment - self.clock())


StartInstances = Callable[..., Instances]


async def show(simulator: Simulator) -> dict[str, Any]:
    return (await ask(simulator, CONFIG, method="GET", query="")).json


async def change(simulator: Simulator, patch: object, **headers: str) -> Reply:
    given = {"api-key": KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await ask(simulator, CONFIG, patch, method="PATCH", query="", headers=given)


async def reset(simulator: Simulator, **headers: str) -> Reply:
    given = {"api-key": KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await ask(simulator, CONFIG, method="DELETE", query="", headers=given)


async def chat(simulator: Simulator, deployment: str = "gpt-4o", **body: Any) -> Reply:
    asked = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1, **body}
    return await ask(simulator, f"/openai/deployments/{deployment}/chat/completions", asked)


def configuration_of(simulator: Simulator) -> RunTimeConfiguration:
    """The configuration that a simulator keeps fresh."""
    kept = simulator._upkeep._parts[0]
    assert isinstance(kept, RunTimeConfiguration)
    return kept


def container_of(simulator: Simulator) -> Any:
    return configuration_of(simulator)._location.container


async def put_aside(simulator: Simulator, data: bytes, name: str = NAME) -> None:
    """Somebody edits what is kept."""
    await container_of(simulator).put(name, data)
