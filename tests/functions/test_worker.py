"""The app in the real worker library: what Azure indexes, and what it answers."""

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from simulator.assembly.operations import OPERATIONS
from simulator.hosting.functions_app import METHODS, triggers_of
from tests.conftest import API_VERSION, KEY
from tests.functions.conftest import BETWEEN_TOKENS, worker

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"


@pytest.fixture(scope="module")
def bindings(functions: str) -> dict[str, list[dict[str, Any]]]:
    return httpx2.get(f"{functions}/admin/functions").json()


def test_every_operation_route_is_indexed_under_the_name_of_its_operation(bindings: Any) -> None:
    expected = {
        name: (template, set(methods))
        for operation in OPERATIONS
        for name, template, methods in triggers_of(operation)
    }
    indexed = {
        name: (trigger["route"], set(trigger["methods"])) for name, (trigger, _) in bindings.items()
    }
    assert indexed == {**expected, "catch_all": ("{*path}", set(METHODS))}


def test_every_function_lets_callers_in_for_the_simulator_to_check_their_key(bindings: Any) -> None:
    assert {trigger["authLevel"] for trigger, _ in bindings.values()} == {"ANONYMOUS"}


def test_a_chat_is_answered(function_client: openai.AzureOpenAI) -> None:
    answer = function_client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], max_tokens=3
    )
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 3


def test_the_events_of_a_stream_arrive_apart(function_client: openai.AzureOpenAI) -> None:
    stream = function_client.chat.completions.create(
        model="gpt-4o",
        messages=[{"role": "user", "content": "Hello"}],
        max_tokens=10,
        stream=True,
    )
    arrivals = [
        time.monotonic() for chunk in stream if chunk.choices and chunk.choices[0].delta.content
    ]
    assert arrivals[-1] - arrivals[0] > 2 * BETWEEN_TOKENS


def test_the_catch_all_serves_the_root(functions: str) -> None:
    assert "running" in httpx2.get(functions).json()["message"]


@pytest.mark.parametrize("method", METHODS)
def test_the_catch_all_serves_every_method(functions: str, method: str) -> None:
    answer = httpx2.request(method, f"{functions}/no/such/path", headers={"api-key": KEY})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")


def test_a_wrong_key_is_refused_as_the_real_service_does(functions: str) -> None:
    answer = httpx2.post(functions + CHAT, headers={"api-key": "wrong"})
    assert answer.json()["error"]["code"] == "401"


def test_requests_after_a_refused_one_are_answered(functions: str) -> None:
    # An exception that escapes from the app resets the worker's connection under the next request.
    statuses = [
        httpx2.post(functions + CHAT, headers={"api-key": KEY}, content=body).status_code
        for body in (b"{", b'{"messages":[{"role":"user","content":"Hi"}],"max_tokens":1}') * 3
    ]
    assert statuses == [400, 200] * 3


def test_a_ruled_fault_is_the_clients_exception(function_client: openai.AzureOpenAI) -> None:
    rule = json.dumps({"fault": {"kind": "rate_limit", "retry_after": 7}})
    with pytest.raises(openai.RateLimitError) as raised:
        function_client.chat.completions.create(
            model="gpt-4o",
            messages=[{"role": "user", "content": "Hello"}],
            extra_headers={"x-simulator-rule": rule},
        )
    headers = raised.value.response.headers
    assert (headers["retry-after"], headers["x-simulator-rule"]) == ("7", "header")


def test_a_ruled_error_in_a_stream_ends_it(function_client: openai.AzureOpenAI) -> None:
    rule = json.dumps({"fault": {"kind": "error_event", "after_tokens": 3}})
    parts: list[str] = []
    with pytest.raises(openai.APIError):
        parts.extend(
            chunk.choices[0].delta.content or ""
            for chunk in function_client.chat.completions.create(
                model="gpt-4o",
                messages=[{"role": "user", "content": "Hello"}],
                stream=True,
                extra_headers={"x-simulator-rule": rule},
            )
            if chunk.choices
        )
    assert "".join(parts)


def test_a_bad_setting_stops_the_start_with_one_line_that_names_it() -> None:
    with worker("serve", errors=subprocess.PIPE, LOG_LEVEL="loud") as process:
        _, errors = process.communicate()
    assert errors.splitlines()[-1] == (
        "SettingError: LOG_LEVEL='loud' is not allowed: one of DEBUG, INFO, WARNING, ERROR"
    )


def test_without_a_key_on_azure_every_request_is_refused_with_how_to_set_one() -> None:
    with worker("serve", SIMULATOR_API_KEY="", WEBSITE_INSTANCE_ID="0123abcd") as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        answer = httpx2.post(f"http://127.0.0.1:{port}{CHAT}")
        process.terminate()
        process.communicate()
    assert (answer.status_code, "SIMULATOR_API_KEY" in answer.text) == (503, True)


def test_the_timer_is_indexed_and_runs(tmp_path: Path) -> None:
    settings = {
        "SIMULATOR_MODE": "record",
        "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:9",
        "AZURE_OPENAI_KEY": "unused",
        "RECORDING_DIR": str(tmp_path),
        "RECORDING_SAVE_SCHEDULE": "0 0 4 * * *",
    }
    with worker("serve", errors=None, **settings) as process:
        assert process.stdout is not None
        admin = f"http://127.0.0.1:{process.stdout.readline().strip()}/admin/functions"
        (trigger,) = httpx2.get(admin).json()["save_recordings"]
        fired = httpx2.post(f"{admin}/save_recordings")
        process.terminate()
        process.communicate()
    assert (trigger["schedule"], fired.status_code, fired.text) == ("0 0 4 * * *", 202, "")


def test_20_000_requests_grow_the_worker_by_less_than_5_mb() -> None:
    with worker("soak", "20000") as process:
        growth, _ = process.communicate()
    assert int(growth) < 5_000_000
