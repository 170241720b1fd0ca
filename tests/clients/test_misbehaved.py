"""A client that misbehaves in each of the ways that the verdict knows, and its neighbours that do not."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import httpx2
import openai
import pytest

from simulator.assembly.operations import OPERATIONS
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from simulator.hosting.functions_app import create_app
from simulator.hosting.triggers import read_triggers
from tests.conftest import API_VERSION, KEY, NO_LATENCY, running

HELLO: Any = [{"role": "user", "content": "Hi"}]
FLEET = {
    "resources": {
        name: {
            "deployments": {
                "chat": {"model": "gpt-4o"},
                "spare": {"model": "gpt-4o"},
                "small": {"model": "gpt-4o", "tokensPerMinute": 6_000, "requestsPerMinute": 6_000},
            }
        }
        for name in ("west", "east")
    }
}


class World:
    """A simulator of a fleet on a clock that tests move on, and the clients of its resources."""

    def __init__(self) -> None:
        self.later, self.url = 0.0, ""

    def now(self) -> float:
        return time.time() + self.later

    def wait(self, seconds: float) -> None:
        """Move the clock on. What has happened is in the journal first: the time of an entry counts from
        the moment at which it is written."""
        self.send("GET", "requests")
        self.later += seconds

    def client(self, resource: str = "west", retries: int = 0) -> openai.AzureOpenAI:
        return openai.AzureOpenAI(
            azure_endpoint=f"{self.url}/resources/{resource}",
            api_key=KEY,
            api_version=API_VERSION,
            max_retries=retries,
        )

    def ask(self, resource: str = "west", deployment: str = "chat", **members: Any) -> bool:
        """Whether a request is answered; a stream is read to its end."""
        body: Any = {"model": deployment, "messages": HELLO, "max_tokens": 5, **members}
        with self.client(resource) as client:
            try:
                answer = cast("Any", client).chat.completions.create(**body)
                if members.get("stream"):
                    list(answer)
            except openai.APIError:
                return False
        return True

    def send(self, method: str, path: str, body: object = None) -> Any:
        answer = httpx2.request(
            method, f"{self.url}/++/{path}", json=body, headers={"api-key": KEY}
        )
        assert answer.status_code == 200
        return answer.json()

    def fault(self, **members: Any) -> None:
        when = {"resource": "west", "deployment": ["chat", "small"]}
        rule = {"when": when, "fault": members, "times": 20}
        self.send("PUT", "rules", {"rules": [rule]})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world, path = World(), Path(tmp_path_factory.mktemp("fleet"), "fleet.json")
    path.write_text(json.dumps(FLEET))
    settings = Settings(api_key=KEY, fleet_path=str(path), **cast("dict[str, Any]", NO_LATENCY))
    simulator = create_simulator(settings, now=world.now)
    triggers = read_triggers(create_app(simulator, OPERATIONS).get_functions())
    with running(triggers, simulator.close) as world.url:
        yield world


@pytest.fixture
def world(served: World) -> World:
    served.send("POST", "reset")
    served.send("PUT", "rules", {"rules": []})
    return served


def hurries(world: World) -> None:
    world.fault(kind="rate_limit", retry_after=10)
    for _ in range(2):
        world.ask()


def comes_back_next_day(world: World) -> None:
    world.fault(kind="quota")
    world.ask()
    world.wait(86_400.5)
    world.ask()


def hammers(world: World) -> None:
    world.fault(kind="unavailable")
    for _ in range(9):
        world.ask()


def waits_in_step(world: World) -> None:
    for number in range(5):
        world.fault(kind="server_error")
        world.ask(user=str(number))
        world.send("PUT", "rules", {"rules": []})
        world.wait(100)
        world.ask(user=str(number))


def repeats_a_mistake(world: World) -> None:
    for _ in range(2):
        world.ask(temperature=3)


def leaves(world: World) -> None:
    world.fault(kind="unavailable")
    world.ask()
    world.wait(6)


def stays(world: World) -> None:
    world.fault(kind="unavailable")
    world.wait(60 - world.now() % 60)  # what counts is that both are of one minute
    world.ask("east", user="other")
    for _ in range(2):
        world.ask()


def takes_half(world: World) -> None:
    world.fault(kind="truncate", after_tokens=1)
    world.ask(stream=True)


def overlooks_an_error(world: World) -> None:
    world.fault(kind="error_event", after_tokens=1)
    world.ask(stream=True)


def reserves_too_much(world: World) -> None:
    world.send("PUT", "rules", {"rules": [{"reply": "Yes."}]})
    for number in range(30):
        world.ask(deployment="small", max_tokens=500, user=str(number))


MISBEHAVED: dict[str, Callable[[World], None]] = {
    "retry_after_ignored": hurries,
    "retried_86400": comes_back_next_day,
    "retry_storm": hammers,
    "no_jitter": waits_in_step,
    "retried_non_retryable": repeats_a_mistake,
    "gave_up": leaves,
    "no_failover": stays,
    "truncated_stream_accepted": takes_half,
    "in_band_error_ignored": overlooks_an_error,
    "max_tokens_wasteful": reserves_too_much,
}


@pytest.mark.parametrize("kind", MISBEHAVED)
def test_a_client_that_misbehaves_is_found_out(world: World, kind: str) -> None:
    MISBEHAVED[kind](world)
    verdict = world.send("GET", "verdict")
    assert kind in [finding["kind"] for finding in verdict["findings"]], world.send(
        "GET", "requests"
    )


def test_a_client_that_goes_on_to_another_deployment_or_resource_is_clean(world: World) -> None:
    world.fault(kind="rate_limit", retry_after=10)
    for deployment in ("chat", "spare"):
        world.ask(deployment=deployment)
    world.fault(kind="unavailable")
    with world.client(retries=1) as client, pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="chat", messages=HELLO, max_tokens=6)
    world.ask("east", max_tokens=6)
    world.wait(60)
    assert world.send("GET", "verdict")["findings"] == []


def test_a_client_that_reads_of_a_blocked_prompt_in_a_stream_is_clean(world: World) -> None:
    blocks = {"filter": {"prompt": {"jailbreak": True}}}
    world.send("PUT", "rules", {"rules": [blocks]})
    url = f"{world.url}/resources/west/openai/v1"
    with openai.OpenAI(base_url=url, api_key=KEY, max_retries=0) as client:
        stream = client.responses.create(model="chat", input="Hi", stream=True)
        with pytest.raises(openai.APIError, match="filtered"):
            list(stream)
    assert world.send("GET", "verdict")["findings"] == []
