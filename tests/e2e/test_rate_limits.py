"""What an app built on the real client meets when it uses up its limits."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from simulator.messages import Request
from tests.conftest import API_VERSION, KEY, MakeSimulator, Serve

MESSAGES: Any = [{"role": "user", "content": "Hello"}]
ClientOf = Callable[..., openai.AzureOpenAI]


@pytest.fixture
def deployment_file(tmp_path: Path) -> Callable[[dict[str, Any]], str]:
    def write(deployments: dict[str, Any]) -> str:
        path = tmp_path / "deployments.json"
        path.write_text(json.dumps(deployments))
        return str(path)

    return write


def client_of(url: str, *, retries: int = 0) -> openai.AzureOpenAI:
    return openai.AzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=API_VERSION, max_retries=retries
    )


def asked(client: openai.AzureOpenAI, deployment: str, **parameters: Any) -> Any:
    return client.chat.completions.with_raw_response.create(
        model=deployment, messages=MESSAGES, **{"max_tokens": 10, **parameters}
    )


def test_a_client_that_retries_waits_as_long_as_it_has_to_and_succeeds(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    path = deployment_file({"chat": {"model": "gpt-4o", "requestsPerMinute": 60}})
    url = serve(deployments_path=path, request_slice_seconds="1")
    with client_of(url, retries=2) as client:
        began = time.monotonic()
        answers = [asked(client, "chat") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        # One request a second: the third is let in when two seconds have passed, not before.
        assert time.monotonic() - began >= 2 - 0.1


def test_a_client_that_does_not_retry_reads_which_limit_is_used_up(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    path = deployment_file({"chat": {"model": "gpt-4o", "tokensPerMinute": 100}})
    with client_of(serve(deployments_path=path, region="Sweden Central")) as client:
        first = asked(client, "chat", max_tokens=90)
        assert first.headers["x-ratelimit-limit-tokens"] == "100"
        assert first.headers["x-ratelimit-remaining-tokens"] == "8"
        with pytest.raises(openai.RateLimitError) as refused:
            asked(client, "chat", max_tokens=90)
    assert refused.value.code == "RateLimitReached"
    assert "Your requests to chat for gpt-4o in Sweden Central" in refused.value.message
    assert f"ChatCompletions_Create under Azure OpenAI API version {API_VERSION}" in (
        refused.value.message
    )
    headers = refused.value.response.headers
    assert 0 < int(headers["retry-after-ms"]) <= 60_000
    assert int(headers["retry-after"]) * 1000 >= int(headers["retry-after-ms"])


def test_a_cost_above_the_whole_limit_is_a_429(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    path = deployment_file({"chat": {"model": "gpt-4o", "tokensPerMinute": 100}})
    with client_of(serve(deployments_path=path)) as client, pytest.raises(openai.RateLimitError):
        asked(client, "chat", max_tokens=5_000)


def test_a_provisioned_deployment_reports_its_utilization_and_no_tokens(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    path = deployment_file({"ptu": {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}})
    with client_of(serve(deployments_path=path)) as client:
        headers = asked(client, "ptu").headers
    assert headers["azure-openai-deployment-utilization"].endswith("%")
    assert not [name for name in headers if name.startswith("x-ratelimit-remaining")]


def test_what_a_provisioned_deployment_refuses_spills_over(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    ptu = {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}
    path = deployment_file(
        {"ptu": {**ptu, "spilloverDeployment": "std"}, "std": {"model": "gpt-4o"}}
    )
    with client_of(serve(deployments_path=path)) as client:
        # 50 PTUs are 125,000 input tokens a minute; an output token counts as four.
        headers = [asked(client, "ptu", max_tokens=16_000).headers for _ in range(4)]
    assert headers[0]["x-ms-is-spilled-over"] == "false"
    assert headers[-1]["x-ms-is-spilled-over"] == "true"
    assert headers[-1]["x-ms-spillover-from-deployment"] == "ptu"
    assert headers[-1]["x-ms-deployment-name"] == "std"
    assert headers[-1]["x-ms-spillover-error"] == "429"


def test_the_request_may_name_where_it_spills_over_to(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    ptu = {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}
    path = deployment_file({"ptu": ptu, "std": {"model": "gpt-4o"}})
    named = {"x-ms-spillover-deployment": "std"}
    with client_of(serve(deployments_path=path)) as client:
        for _ in range(3):
            last = asked(client, "ptu", max_tokens=16_000, extra_headers=named)
        assert last.headers["x-ms-is-spilled-over"] == "true"
        with pytest.raises(openai.RateLimitError) as refused:
            asked(client, "ptu", max_tokens=16_000)
    assert int(refused.value.response.headers["retry-after-ms"]) > 0


@pytest.mark.parametrize("mode", ["record", "replay"])
async def test_limits_apply_to_recordings_too(
    mode: str,
    serve: Serve,
    make_simulator: MakeSimulator,
    deployment_file: Callable[[dict[str, Any]], str],
    tmp_path: Path,
) -> None:
    path = deployment_file({"chat": {"model": "gpt-4o", "requestsPerMinute": 6}})
    settings = {
        "upstream_endpoint": serve(),
        "upstream_key": KEY,
        "recording_dir": str(tmp_path / "recordings"),
    }
    request = Request(
        "POST",
        "/openai/deployments/chat/chat/completions",
        f"api-version={API_VERSION}",
        {"api-key": KEY, "content-type": "application/json"},
        json.dumps({"messages": MESSAGES, "max_tokens": 5}).encode(),
    )
    recorder = make_simulator(mode="record", **settings)
    assert (await recorder(request)).status == 200
    simulator = make_simulator(mode=mode, deployments_path=path, **settings)
    answers = [await simulator(request) for _ in range(2)]
    await recorder.close()
    await simulator.close()
    assert [answer.status for answer in answers] == [200, 429]
    assert answers[0].headers["x-recording"] == "hit"
    assert answers[0].headers["x-ratelimit-remaining-requests"] == "5"


def test_the_wait_that_the_refusal_names_is_enough(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    path = deployment_file({"chat": {"model": "gpt-4o", "requestsPerMinute": 60}})
    url = serve(deployments_path=path, request_slice_seconds="1")
    with httpx2.Client(base_url=url, headers={"api-key": KEY}) as http:

        def post() -> httpx2.Response:
            return http.post(
                "/openai/v1/chat/completions",
                json={"model": "chat", "messages": MESSAGES, "max_tokens": 5},
            )

        assert post().status_code == 200
        refused = post()
        assert refused.status_code == 429
        time.sleep(int(refused.headers["retry-after-ms"]) / 1000)
        assert post().status_code == 200


def test_a_provisioned_deployment_is_charged_what_a_stream_really_used(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str]
) -> None:
    path = deployment_file({"ptu": {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}})
    url = serve(deployments_path=path, answer_tokens_mean=5.0, answer_tokens_std_dev=0.0)
    with client_of(url) as client:
        # Charged on arrival: 16,000 output tokens, as 64,000 of 125,000 input tokens a minute.
        for _ in range(2):
            events = client.chat.completions.create(
                model="ptu",
                messages=MESSAGES,
                stream=True,
                stop=["."],
                max_tokens=16_000,
            )
            assert list(events)
        used = asked(client, "ptu").headers["azure-openai-deployment-utilization"]
    assert float(used.rstrip("%")) < 10


def test_what_fails_on_a_provisioned_deployment_spills_over(
    serve: Serve, deployment_file: Callable[[dict[str, Any]], str], tmp_path: Path
) -> None:
    extension = tmp_path / "failing.py"
    extension.write_text(
        "from simulator.extensions import Answer, Call, Extensions, Tempo, Unavailable\n"
        "async def fail(original, call, tempo):\n"
        "    if call.deployment.provisioned:\n"
        "        raise Unavailable('busy')\n"
        "    return await original(call, tempo)\n"
        "def initialize(extensions):\n"
        "    extensions.wrap_generator('chat_completions', fail)\n"
    )
    ptu = {"model": "gpt-4o", "sku": "ProvisionedManaged", "ptu": 50}
    path = deployment_file(
        {"ptu": {**ptu, "spilloverDeployment": "std"}, "alone": ptu, "std": {"model": "gpt-4o"}}
    )
    with client_of(serve(deployments_path=path, extension_path=str(extension))) as client:
        headers = asked(client, "ptu").headers
        with pytest.raises(openai.InternalServerError) as failed:
            asked(client, "alone")
    assert headers["x-ms-is-spilled-over"] == "true"
    assert headers["x-ms-spillover-error"] == "503"
    assert failed.value.status_code == 503
