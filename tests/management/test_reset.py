"""`POST /++/reset`: counts, windows, responses and the journal begin again."""

from typing import Any

import openai
import pytest

from tests.rules.conftest import Host, host, shared_host

__all__ = ["host", "shared_host"]


def reset(host: Host, **body: Any) -> Any:
    answer = host.http.post("/++/reset", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["reset"]


def test_without_a_body_all_is_reset(host: Host) -> None:
    answer = host.http.post("/simulator/reset")
    kept = ["responses", "conversations", "completions", "files"]
    assert answer.json() == {"reset": ["rules", "limits", *kept, "cache", "journal"]}


def test_counts_of_rules_are_zero_and_the_rules_stay(host: Host) -> None:
    host.put({"name": "one", "reply": "x", "times": 1}, {"name": "two", "reply": "y"})
    assert [host.said(), host.said()] == ["x", "y"]
    assert reset(host, what=["rules"]) == ["rules"]
    assert [rule["matched"] for rule in host.shown()] == [0, 0]
    assert host.said() == "x"


def test_a_time_to_live_begins_anew(host: Host) -> None:
    host.put({"reply": "x", "ttl": 3600})
    reset(host, what=["rules"])
    assert host.said() == "x"


def test_windows_of_limits_are_empty(host: Host) -> None:
    limited = {"model": "gpt-4o", "tokens_per_minute": 1000}
    host.http.patch("/++/config", json={"openai_deployments": {"tight": limited}})

    def status() -> int:
        return host.http.post(
            "/openai/v1/chat/completions",
            json={
                "model": "tight",
                "messages": [{"role": "user", "content": "Hi"}],
                "max_tokens": 900,
            },
        ).status_code

    assert [status(), status()] == [200, 429]
    reset(host, what=["limits"])
    assert status() == 200


def test_stored_responses_are_gone(host: Host) -> None:
    stored = host.v1.responses.create(model="gpt-4o", input="Hi")
    reset(host, what=["responses"])
    with pytest.raises(openai.NotFoundError):
        host.v1.responses.retrieve(stored.id)


def test_conversations_are_gone(host: Host) -> None:
    stored = host.v1.conversations.create()
    reset(host, what=["conversations"])
    with pytest.raises(openai.NotFoundError):
        host.v1.conversations.retrieve(stored.id)


def test_stored_completions_are_gone(host: Host) -> None:
    made = host.v1.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], store=True
    )
    reset(host, what=["completions"])
    with pytest.raises(openai.NotFoundError):
        host.v1.chat.completions.retrieve(made.id)


def test_files_are_gone(host: Host) -> None:
    stored = host.v1.files.create(file=("a.txt", b"x"), purpose="assistants")
    reset(host, what=["files"])
    with pytest.raises(openai.NotFoundError):
        host.v1.files.content(stored.id)


def test_the_journal_is_empty(host: Host) -> None:
    host.chat()
    assert host.http.get("/++/requests").json()["requests"]
    reset(host, what=["journal"])
    left = host.http.get("/++/requests").json()["requests"]
    assert all(entry["operation"] != "chat_completions" for entry in left)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "The body is no JSON object."),
        (b"[]", "The body is no JSON object."),
        (b'{"what": ["x"]}', "There is no 'x' to reset. The body"),
        (b'{"what": [["rules"]]}', "There is no '['rules']' to reset."),
        (b'{"what": ["ruls"]}', "There is no 'ruls' to reset. Did you mean 'rules'?"),
        (b'{"what": 1}', "'what' must be a list"),
        (b'{"what": "rules"}', "'what' must be a list"),
        (b'{"wat": []}', "There is no such member: 'wat'. Did you mean 'what'?"),
    ],
)
def test_what_is_unknown_is_refused(host: Host, body: bytes, why: str) -> None:
    answer = host.http.post("/++/reset", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(why)
    assert (
        "rules, limits, responses, conversations, completions, files, cache, journal"
        in answer.json()["error"]["message"]
    )
