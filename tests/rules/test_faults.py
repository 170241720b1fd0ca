"""Faults as real clients meet them: Azure's refusals, and answers that break on the wire."""

import contextlib
import json
import re
import time
from typing import Any

import httpx2
import openai
import pytest

from tests.rules.conftest import Host

STREAM = {"stream": True, "stream_options": {"include_usage": True}}


def fault(kind: str, **members: Any) -> dict[str, Any]:
    return {"fault": {"kind": kind, **members}}


def header(kind: str, **members: Any) -> dict[str, str]:
    return {"x-simulator-rule": json.dumps(fault(kind, **members))}


def ask(host: Host) -> Any:
    return host.azure.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}]
    )


@pytest.mark.parametrize(
    ("kind", "raised", "status"),
    [
        ("rate_limit", openai.RateLimitError, 429),
        ("ptu_limit", openai.RateLimitError, 429),
        ("quota", openai.RateLimitError, 429),
        ("capacity", openai.InternalServerError, 503),
        ("server_error", openai.InternalServerError, 500),
        ("gateway_error", openai.InternalServerError, 502),
        ("unavailable", openai.InternalServerError, 503),
        ("timeout", openai.APIStatusError, 408),
        ("gateway_timeout", openai.InternalServerError, 504),
        ("forbidden_network", openai.PermissionDeniedError, 403),
        ("suspended", openai.PermissionDeniedError, 403),
    ],
)
def test_each_refusal_is_raised_by_the_client(
    host: Host, kind: str, raised: type[openai.APIStatusError], status: int
) -> None:
    host.put(fault(kind))
    with pytest.raises(raised) as caught:
        ask(host)
    assert caught.value.status_code == status
    assert caught.value.response.headers["x-simulator-rule"] == "rule-1"


def test_a_rate_limit_has_azures_words_and_headers(host: Host) -> None:
    host.put({**fault("rate_limit", retry_after=1.5), "times": 2})
    answer = host.chat()
    assert (answer.headers["retry-after"], answer.headers["retry-after-ms"]) == ("2", "1500")
    error = answer.json()["error"]
    assert error["code"] == "RateLimitReached"
    assert "Please retry after 2 seconds" in error["message"]
    assert "gpt-4o" in error["message"]
    assert [host.chat().status_code for _ in range(2)] == [429, 200]


def test_a_used_up_quota_says_a_day(host: Host) -> None:
    assert host.chat(headers=header("quota")).headers["retry-after"] == "86400"


def test_a_full_provisioned_deployment_has_words_of_its_own(host: Host) -> None:
    error = host.chat(headers=header("ptu_limit")).json()["error"]
    assert (error["type"], error["code"]) == ("too_many_requests", "rate_limit_reached")


@pytest.mark.parametrize("kind", ["rate_limit", "quota", "ptu_limit", "capacity", "reset"])
def test_the_journal_names_the_rule_and_no_limit(host: Host, kind: str) -> None:
    host.put({"name": "mine", **fault(kind)})
    with contextlib.suppress(httpx2.TransportError):
        hint = host.chat().headers["x-simulator-hint"]
        assert hint == f"the rule 'mine' has the fault {kind}"
    entry = host.http.get("/++/requests").json()["requests"][0]
    assert entry["reason"] == f"the rule 'mine' has the fault {kind}"


def test_a_limit_that_is_used_up_is_named_in_spite_of_a_rule(host: Host) -> None:
    limited = {"model": "gpt-4o", "tokens_per_minute": 1}
    host.http.patch("/++/config", json={"openai_deployments": {"full": limited}})
    host.put(fault("capacity", charged=True))
    answer = host.http.post(
        "/openai/v1/chat/completions",
        json={"model": "full", "messages": [{"role": "user", "content": "Hi"}]},
    )
    assert answer.status_code == 429
    assert "more than the limit of tokens of this deployment" in answer.headers["x-simulator-hint"]
    assert "x-simulator-rule" not in answer.headers
    entry = host.http.get("/++/requests").json()["requests"][0]
    assert (entry["status"], entry.get("rule")) == (429, None)


@pytest.mark.parametrize("text", ["", "{}", "[]", "[", "null", "3"])
def test_a_header_that_is_no_rule_is_refused(host: Host, text: str) -> None:
    answer = host.chat(headers={"x-simulator-rule": text})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_rule"


@pytest.mark.parametrize(
    ("kind", "members"), [("reset", {}), ("hang", {"seconds": 0.1}), ("hang", {"seconds": 0})]
)
def test_a_connection_breaks_before_a_byte(host: Host, kind: str, members: dict[str, Any]) -> None:
    with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
        host.chat(headers=header(kind, **members))
    assert host.said()


def test_the_client_times_out_on_a_hang_which_can_be_deleted(host: Host) -> None:
    host.put({"name": "stuck", **fault("hang")})
    with pytest.raises(httpx2.ReadTimeout):
        host.http.post(
            "/openai/v1/chat/completions",
            json={"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]},
            timeout=0.2,
        )
    assert host.http.delete("/++/rules/stuck").status_code == 200
    assert host.said()


def streamed(host: Host, kind: str, **members: Any) -> str:
    headers = {"x-simulator-rule": json.dumps(fault(kind, **members))}
    return host.chat(headers=headers, **STREAM).text


def content(text: str) -> list[str]:
    events = [
        line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: {")
    ]
    choices = [json.loads(event).get("choices", []) for event in events]
    deltas = [choice[0]["delta"].get("content") for choice in choices if choice]
    return [delta for delta in deltas if delta]


def test_a_stream_is_cut_after_its_tokens(host: Host) -> None:
    seen: list[str] = []
    with (
        host.http.stream(
            "POST",
            "/openai/v1/chat/completions",
            json={"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], **STREAM},
            headers=header("disconnect", after_tokens=3),
        ) as answer,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        seen.extend(answer.iter_text())
    assert len(content("".join(seen))) == 3


def test_a_plain_answer_is_cut_in_its_body(host: Host) -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        host.chat(headers=header("disconnect"))


def test_a_truncated_stream_ends_without_a_finish(host: Host) -> None:
    text = streamed(host, "truncate", after_tokens=2)
    assert len(content(text)) == 2
    assert "[DONE]" not in text
    assert '"finish_reason":"' not in text


def test_events_are_counted_too(host: Host) -> None:
    assert streamed(host, "truncate", after_events=2).count("data: ") == 2


def test_a_stall_keeps_the_stream_waiting(host: Host) -> None:
    began = time.monotonic()
    text = streamed(host, "stall", after_tokens=2, seconds=0.2)
    assert time.monotonic() - began >= 0.2
    assert text.endswith("data: [DONE]\n\n")


def test_a_malformed_event_breaks_the_parser(host: Host) -> None:
    text = streamed(host, "malformed", after_tokens=2)
    broken = text.split("\n\n")[4]
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken.removeprefix("data: "))
    assert text.endswith("data: [DONE]\n\n")


def test_an_error_in_the_stream_is_raised_by_the_client(host: Host) -> None:
    host.put(fault("error_event", after_tokens=2))
    stream = host.azure.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], stream=True
    )
    with pytest.raises(openai.APIError, match="error processing your request"):
        list(stream)


@pytest.mark.parametrize(
    ("kind", "last"), [("error_event", "error"), ("failed_event", "response.failed")]
)
def test_a_stream_of_responses_ends_with_the_error(host: Host, kind: str, last: str) -> None:
    answer = host.http.post(
        "/openai/v1/responses",
        json={"model": "gpt-4o", "input": "Hi", "stream": True},
        headers=header(kind, after_tokens=2),
    )
    events = answer.text.strip().split("\n\n")
    name, data = events[-1].split("\n")
    assert name == f"event: {last}"
    body = json.loads(data.removeprefix("data: "))
    assert body["type"] == last
    assert body["sequence_number"] == len(events) - 1
    if kind == "failed_event":
        assert (body["response"]["status"], body["response"]["error"]["code"]) == (
            "failed",
            "server_error",
        )


def test_a_failed_response_is_plain_too(host: Host) -> None:
    host.put(fault("failed_event"))
    answer = host.v1.responses.create(model="gpt-4o", input="Hi")
    assert answer.status == "failed"
    assert answer.error
    assert answer.error.code == "server_error"


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_response_that_failed_is_stored_so(host: Host, background: bool, streamed: bool) -> None:
    host.put({"when": {"operation": "responses"}, **fault("failed_event")})
    asked = {"model": "gpt-4o", "input": "Hi", "background": background, "stream": streamed}
    answer = host.http.post("/openai/v1/responses", json=asked)
    (name, *_) = re.findall(r"resp_\w+", answer.text)
    stored = host.v1.responses.retrieve(name)
    assert (stored.status, stored.output) == ("failed", [])
    assert stored.error is not None
    if streamed:
        assert json.loads(answer.text.rpartition("data: ")[2])["response"]["status"] == "failed"
    else:
        assert answer.json()["status"] == ("queued" if background else "failed")


def test_a_stream_that_is_shorter_than_its_fault_is_stored_whole(host: Host) -> None:
    host.put({"when": {"operation": "responses"}, **fault("failed_event", after_tokens=100_000)})
    answer = host.http.post(
        "/openai/v1/responses", json={"model": "gpt-4o", "input": "Hi", "stream": True}
    )
    assert "event: response.completed" in answer.text
    (name, *_) = re.findall(r"resp_\w+", answer.text)
    assert host.v1.responses.retrieve(name).status == "completed"


def test_an_empty_answer_has_no_byte(host: Host) -> None:
    answer = host.chat(headers=header("empty"))
    assert (answer.status_code, answer.content) == (200, b"")
    assert streamed(host, "empty") == ""


def test_an_answer_without_usage_has_none_whole_or_streamed(host: Host) -> None:
    assert "usage" not in host.chat(headers=header("no_usage")).json()
    assert '"usage":{' not in streamed(host, "no_usage")


def test_slow_is_a_matter_of_each_token(host: Host) -> None:
    began = time.monotonic()
    headers = {"x-simulator-rule": json.dumps([fault("slow", token_ms=30)])}
    host.chat(headers=headers, max_tokens=5)
    assert time.monotonic() - began >= 0.1


def test_a_refusal_is_not_charged_unless_the_rule_says_so(host: Host) -> None:
    limited = {"model": "gpt-4o", "tokens_per_minute": 100_000}
    host.http.patch("/++/config", json={"openai_deployments": {"limited": limited}})

    def remaining(**headers: str) -> int:
        answer = host.http.post(
            "/openai/v1/chat/completions",
            json={"model": "limited", "messages": [{"role": "user", "content": "Hi"}]},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        return int(answer.headers.get("x-ratelimit-remaining-requests", -1))

    first = remaining()
    assert remaining(**header("unavailable")) == -1
    assert remaining(**header("no_usage")) == first - 1
    assert remaining(**header("unavailable", charged=True)) == first - 2
    assert remaining() == first - 3


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"kind": "rate_limt"}, "Did you mean 'rate_limit'?"),
        ({"kind": "rate_limit", "after_tokens": 1}, "rate_limit has no use for it"),
        ({"kind": "stall", "after_tokens": 1, "after_events": 1}, "one of after_events"),
        ({"kind": "hang", "seconds": -1}, "fault.seconds"),
        ({}, "kind"),
    ],
)
def test_a_bad_fault_is_refused(host: Host, members: dict[str, Any], said: str) -> None:
    answer = host.http.post("/++/rules", json={"rules": [{"fault": members}]})
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
