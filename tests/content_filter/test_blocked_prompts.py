"""Prompts that are blocked: the exception of each client, and the bytes of each operation."""

import json
from collections.abc import Callable
from typing import Any

import openai
import pytest

from tests.conftest import API_VERSION
from tests.content_filter.conftest import events_of, own_rule, respond
from tests.rules.conftest import Host

JAILBREAK = {"filter": {"prompt": {"jailbreak": True}}}
SAFE = '{"filtered":false,"severity":"safe"}'
RESULTS = (
    f'{{"hate":{SAFE},"jailbreak":{{"detected":true,"filtered":true}},"self_harm":{SAFE},'
    f'"sexual":{SAFE},"violence":{SAFE}}}'
)
WORDS = (
    "The response was filtered due to the prompt triggering Azure OpenAI{}s content management "
    "policy. Please modify your prompt and retry. To learn more about our content filtering policies "
    "please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766"
)
TEXT_BODY = (
    f'{{"error":{{"message":"{WORDS.format(chr(39))}","type":null,"param":"prompt",'
    '"code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation",'
    f'"content_filter_result":{RESULTS}}}}}}}'
)
RESPONSES_BODY = (
    f'{{"error":{{"message":"{WORDS.format(chr(0x2019))}","type":"invalid_request_error",'
    '"param":"prompt","code":"content_filter","content_filters":[{"blocked":true,'
    f'"source_type":"prompt","content_filter_results":{RESULTS},'
    '"content_filter_offsets":{"start_offset":0,"end_offset":5,"check_offset":0}}]}}'
)
IMAGES_BODY = (
    '{"error":{"code":"content_policy_violation","inner_error":{"code":"ResponsibleAIPolicyViolation",'
    f'"content_filter_results":{RESULTS}}},"message":"Your request was rejected as a result of our '
    'safety system. Your prompt may contain text that is not allowed by our safety system.",'
    '"type":"invalid_request_error"}}'
)


@pytest.mark.parametrize(
    ("path", "members", "body"),
    [
        ("chat/completions", {"messages": [{"role": "user", "content": "Hello"}]}, TEXT_BODY),
        (
            "chat/completions",
            {"messages": [{"role": "user", "content": "Hello"}], "stream": True},
            TEXT_BODY,
        ),
        ("completions", {"prompt": "Hello", "model": "gpt-35-turbo-instruct"}, TEXT_BODY),
        (
            "embeddings",
            {"input": ["Hello"], "model": "text-embedding-3-small"},
            TEXT_BODY,
        ),
        ("responses", {"input": "Hello"}, RESPONSES_BODY),
        ("images/generations", {"prompt": "Hello", "model": "gpt-image-2"}, IMAGES_BODY),
    ],
)
def test_each_operation_has_a_body_of_its_own(
    host: Host, path: str, members: dict[str, Any], body: str
) -> None:
    answer = host.http.post(
        f"/openai/v1/{path}", json={"model": "gpt-4o", **members}, headers=own_rule(**JAILBREAK)
    )
    assert (answer.status_code, answer.text) == (400, body)
    assert answer.headers["content-type"] == "application/json"


Ask = Callable[[openai.OpenAI], Any]
ASKED: dict[str, Ask] = {
    "chat": lambda client: client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}]
    ),
    "stream": lambda client: client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], stream=True
    ),
    "completions": lambda client: client.completions.create(
        model="gpt-35-turbo-instruct", prompt="Hi"
    ),
    "embeddings": lambda client: client.embeddings.create(
        model="text-embedding-3-small", input="Hi"
    ),
    "responses": lambda client: client.responses.create(model="gpt-4o", input="Hi"),
    "images": lambda client: client.images.generate(model="gpt-image-2", prompt="Hi"),
}


@pytest.mark.parametrize("name", ASKED)
def test_the_client_raises_its_exception(host: Host, name: str) -> None:
    host.put(JAILBREAK)
    with pytest.raises(openai.BadRequestError) as caught:
        ASKED[name](host.v1)
    code = "content_policy_violation" if name == "images" else "content_filter"
    assert caught.value.code == code
    assert caught.value.response.headers["x-simulator-rule"] == "rule-1"


def test_a_streamed_response_fails_within_the_stream(host: Host) -> None:
    host.put(JAILBREAK)
    seen: list[str] = []
    with pytest.raises(openai.APIError, match="content management policy") as caught:
        seen.extend(
            event.type
            for event in host.v1.responses.create(model="gpt-4o", input="Hello", stream=True)
        )
    assert seen == ["response.created", "response.failed"]
    assert caught.value.code == "content_policy_violation"


def test_the_events_of_a_failed_response_belong_together(host: Host) -> None:
    answer = respond(host, stream=True, instructions="Be kind.", headers=own_rule(**JAILBREAK))
    created, failed, error = events_of(answer)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert created["response"]["instructions"] == "Be kind."
    assert failed["response"]["id"] == created["response"]["id"]
    assert (failed["response"]["status"], failed["response"]["error"]) == ("failed", None)
    filters = failed["response"]["content_filters"]
    assert [(one["source_type"], one["blocked"]) for one in filters] == [("prompt", True)]
    assert json.dumps(filters[0]["content_filter_results"], separators=(",", ":")) == RESULTS
    assert error["type"] == "error"
    assert [event["sequence_number"] for event in (created, failed, error)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        ({"violence": "high"}, {"violence": {"filtered": True, "severity": "high"}}),
        ({"hate": True}, {"hate": {"filtered": True, "severity": "medium"}}),
        ({"indirect_attack": True}, {"indirect_attack": {"detected": True, "filtered": True}}),
        ({"profanity": True}, {"profanity": {"detected": True, "filtered": True}}),
        (
            {"custom_blocklists": ["one", "two"]},
            {
                "custom_blocklists": {
                    "details": [{"filtered": True, "id": "one"}, {"filtered": True, "id": "two"}],
                    "filtered": True,
                }
            },
        ),
        (
            {"pii": True},
            {
                "personally_identifiable_information": {
                    "detected": True,
                    "filtered": True,
                    "sub_categories": [
                        {
                            "sub_category": "Email",
                            "detected": True,
                            "filtered": True,
                            "redacted": False,
                        }
                    ],
                }
            },
        ),
    ],
)
def test_each_category_is_shown(host: Host, found: Any, shown: dict[str, Any]) -> None:
    error = host.chat(headers=own_rule(filter={"prompt": found})).json()["error"]
    results = error["innererror"]["content_filter_result"]
    assert {name: results[name] for name in shown} == shown
    assert results["jailbreak"] == {"detected": False, "filtered": False}


def test_an_image_that_was_made_is_withheld(host: Host) -> None:
    host.put({"filter": {"completion": {"sexual": "high"}}})
    with pytest.raises(openai.BadRequestError) as caught:
        host.v1.images.generate(model="gpt-image-2", prompt="Hi")
    assert caught.value.code == "contentFilter"
    assert caught.value.response.text == (
        '{"error":{"code":"contentFilter","message":"Generated image was filtered as a result of our '
        'safety system."}}'
    )


def test_audio_is_not_filtered(host: Host) -> None:
    host.put(JAILBREAK)
    answer = host.http.post(
        "/openai/v1/audio/speech", json={"model": "tts", "input": "Hi", "voice": "alloy"}
    )
    assert answer.status_code == 200


def test_a_blocked_prompt_is_charged_unless_its_rule_says_otherwise(make_host: Any) -> None:
    host = make_host()
    limits = {"gpt-4o": {"tokens_per_minute": 10_000}}
    host.http.patch("/++/config", json={"openai_deployments": limits})

    def left() -> int:
        return int(host.chat(max_tokens=1).headers["x-ratelimit-remaining-tokens"])

    before = left()
    free = {"filter": {"prompt": {"jailbreak": True}, "charged": False}}
    assert host.chat(headers=own_rule(**free)).status_code == 400
    one = before - left()
    assert host.chat(headers=own_rule(**JAILBREAK)).status_code == 400
    assert before - left() > 3 * one


def test_the_journal_says_why_and_counts_the_prompt(make_host: Any) -> None:
    host = make_host()
    answer = host.chat(headers=own_rule(**JAILBREAK))
    reason = "the content filter blocked the prompt: jailbreak"
    assert answer.headers["x-simulator-hint"] == reason
    entry = host.http.get("/++/requests").json()["requests"][0]
    assert (entry["reason"], entry["rule"], entry["status"]) == (reason, "header", 400)
    assert entry["prompt_tokens"] == 8
    costs = host.http.get("/++/costs").json()
    assert costs["rows"][0]["prompt_tokens"] == 8
    assert costs["total"] == costs["thrown_away"]["filtered"] > 0


def test_the_older_routes_are_the_same(host: Host) -> None:
    host.put(JAILBREAK)
    answer = host.http.post(
        f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}",
        json={"messages": [{"role": "user", "content": "Hello"}]},
    )
    assert answer.text == TEXT_BODY
