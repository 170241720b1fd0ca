"""The context manager, as tests without pytest use it."""

import unittest
from collections.abc import Callable
from pathlib import Path

import httpx2
import openai
import pytest

from simulator.testing import Simulator, SimulatorError
from tests.conftest import API_VERSION, KEY


def ask(aoai: Simulator) -> str | None:
    with openai.AzureOpenAI(
        azure_endpoint=aoai.endpoint, api_key=aoai.key, api_version=API_VERSION, max_retries=0
    ) as client:
        answer = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], max_tokens=5
        )
    return answer.choices[0].message.content


class WithUnittest(unittest.TestCase):
    def test_a_simulator_answers_and_shows_what_was_sent(self) -> None:
        with Simulator() as aoai:
            self.assertTrue(ask(aoai))
            self.assertEqual([sent.status for sent in aoai.requests], [200])
            self.assertEqual(aoai.requests[0].json["max_tokens"], 5)
            with openai.OpenAI(base_url=aoai.v1_url, api_key=aoai.key) as client:
                self.assertTrue(client.responses.create(model="gpt-4o", input="Hi").output_text)


def test_what_is_recorded_is_replayed_until_the_reset(server: str, tmp_path: Path) -> None:
    folder = str(tmp_path / "recordings")
    with Simulator(settings={"AZURE_OPENAI_KEY": KEY}) as aoai:
        endpoint = aoai.endpoint
        aoai.record(server, folder)
        recorded = ask(aoai)
        aoai.replay(folder)
        assert ask(aoai) == recorded
        assert aoai.endpoint == endpoint
        aoai.reset()
        assert ask(aoai) != recorded


def test_a_named_server_is_steered_too(server: str) -> None:
    with Simulator(server, KEY) as aoai:
        aoai.reset()
        ask(aoai)
        assert [sent.operation for sent in aoai.requests] == ["chat_completions"]
        with pytest.raises(SimulatorError, match="JOURNAL_BODIES"):
            _ = aoai.requests[0].json
        with pytest.raises(SimulatorError, match="cannot be started anew"):
            aoai.replay("folder")
        assert aoai.log() == ""


def test_a_wrong_key_and_a_missing_server_are_said_so(server: str) -> None:
    with pytest.raises(SimulatorError, match=r"401: the key is not the simulator's$"):
        Simulator(server, "wrong").reset()
    with pytest.raises(SimulatorError, match=r"http://127.0.0.1:9 does not answer: [^<]*$"):
        Simulator("http://127.0.0.1:9", "key").reset()
    with pytest.raises(SimulatorError, match="'localhost:8000' is no address that starts with"):
        Simulator("localhost:8000", "key")


def test_a_setting_that_is_not_allowed_stops_with_its_line() -> None:
    with pytest.raises(SimulatorError, match="REPLAY_SPEED='fast' is not allowed"):
        Simulator(settings={"REPLAY_SPEED": "fast"}).__enter__()


@pytest.mark.parametrize(
    ("misused", "said"),
    [
        (lambda aoai: aoai.when(contains="x").fail("bogus"), "400: .*'bogus' is not one of rate_l"),
        (lambda aoai: aoai.when(contains="x").reply(None), "400: .*'reply': expected text or an"),
        (lambda aoai: aoai.when(contians="x").reply("a"), "Did you mean 'contains'"),
        (lambda aoai: aoai.when().content_filter(prompt="violense"), "did you mean 'violence'"),
        (lambda aoai: aoai.when().latency(), "it changes nothing"),
        (lambda aoai: aoai.limits("gtp-4o", requests_per_minute=1), "nearest: gpt-4o"),
        (lambda aoai: aoai.limits("gpt-4o"), "limits: give it requests_per_minute or tokens"),
        (lambda aoai: aoai.latency(), "latency: give it first_token_ms"),
        (lambda aoai: aoai.latency(first_token_ms=-1), "a number from 0 to"),
    ],
)
def test_misuse_is_one_line(server: str, misused: Callable[[Simulator], None], said: str) -> None:
    with Simulator(server, KEY) as aoai, pytest.raises(SimulatorError, match=said) as refused:
        misused(aoai)
    assert "\n" not in str(refused.value)


def test_after_a_start_that_failed_the_reset_starts_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RULES_PATH", "of-another-simulator.json")
    with Simulator() as aoai:
        with pytest.raises(SimulatorError, match="AZURE_OPENAI_ENDPOINT='nonsense'"):
            aoai.record("nonsense", str(tmp_path))
        aoai.reset()
        assert ask(aoai)
        with pytest.raises(SimulatorError, match="there is no folder nowhere"):
            aoai.replay("nowhere")


def test_a_client_that_does_not_behave_fails_the_test(server: str) -> None:
    with Simulator(server, KEY) as aoai:
        aoai.reset()
        aoai.limits("gpt-35-turbo", requests_per_minute=1)
        path = f"{server}/openai/deployments/gpt-35-turbo/chat/completions"
        body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
        for attempt in range(4):
            headers = {"api-key": KEY, "x-stainless-retry-count": str(attempt)}
            httpx2.post(f"{path}?api-version={API_VERSION}", json=body, headers=headers)
        with pytest.raises(AssertionError, match="retry_after_ignored"):
            aoai.assert_well_behaved()
        aoai.reset()
        aoai.assert_well_behaved()


def test_rules_say_what_is_answered_until_the_reset(server: str) -> None:
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": {}}}
    with Simulator(server, KEY) as aoai:
        aoai.reset()
        aoai.when(tool="get_weather").call("get_weather", city="Rome")
        aoai.when(contains="Hello").reply("One.", "Two.", times=2)
        aoai.when(deployment="gpt-4o").latency(first_token_ms=100)
        assert [ask(aoai), ask(aoai)] == ["One.", "Two."]
        body = {"messages": [{"role": "user", "content": "Hi"}], "tools": [tool], "max_tokens": 50}
        path = f"{server}/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
        answer = httpx2.post(path, json=body, headers={"api-key": KEY}).json()
        called = answer["choices"][0]["message"]["tool_calls"][0]["function"]
        assert called == {"name": "get_weather", "arguments": '{"city":"Rome"}'}
        with pytest.raises(SimulatorError, match="400"):
            aoai.when(contain="Hello").reply("No.")
        aoai.reset()
        assert ask(aoai) not in ("One.", "Two.")


def test_a_fault_fails_as_often_as_it_says(server: str) -> None:
    with Simulator(server, KEY) as aoai:
        aoai.reset()
        aoai.when(deployment="gpt-4o").fail("rate_limit", retry_after=0, times=2)
        for _ in range(2):
            with pytest.raises(openai.RateLimitError):
                ask(aoai)
        assert ask(aoai)
        aoai.reset()


def test_the_content_filter_blocks_cuts_and_annotates(server: str) -> None:
    with Simulator(server, KEY) as aoai:
        aoai.reset()
        aoai.when(contains="Hello").content_filter(prompt="violence", times=1)
        with pytest.raises(openai.BadRequestError, match="content management policy"):
            ask(aoai)
        aoai.when().content_filter(completion={"hate": "high"}, after_tokens=2, times=1)
        cut = ask(aoai)
        assert cut
        assert len(cut.split()) <= 2
        aoai.when().content_filter(annotate={"prompt": ["jailbreak"], "completion": "hate"})
        assert ask(aoai)
        reasons = [sent.entry.get("reason") for sent in aoai.requests]
        assert reasons == [
            "the content filter blocked the prompt: violence=medium",
            "the content filter cut the answer: hate=high",
            None,
        ]
        aoai.reset()
