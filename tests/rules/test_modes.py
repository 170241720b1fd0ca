"""Rules in record and replay modes: what they decide is nobody's recording, and breaks none."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.conftest import served
from tests.rules.conftest import Host

TEXT = "One two three four five."
BREAKING = ["truncate", "malformed", "error_event", "failed_event", "empty", "no_usage", "stall"]


class Hosts(NamedTuple):
    """A resource, a recorder of it, and one that replays what that has recorded."""

    upstream: Host
    recording: Host
    replaying: Host


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    folder = str(tmp_path_factory.mktemp("recordings"))
    with ExitStack() as stack:

        def make(**own: Any) -> Host:
            return Host(stack.enter_context(served(own)))

        upstream = make()
        upstream.put({"name": "upstream", "reply": TEXT})
        recording = make(
            mode="record",
            recording_dir=folder,
            upstream_endpoint=upstream.url,
            upstream_key=upstream.http.headers["api-key"],
        )
        replaying = make(mode="replay", recording_dir=folder, replay_speed=0.0)
        made = Hosts(upstream, recording, replaying)
        yield made
        for host in made:
            host.close()


def requests_of(host: Host) -> int:
    return host.shown()[0]["matched"]


def ruled(rule: Any) -> dict[str, str]:
    return {"x-simulator-rule": json.dumps(rule)}


@pytest.mark.parametrize("repeated", ["recording", "replaying"])
def test_a_response_in_the_background_that_the_resource_stores_fails_at_once(
    hosts: Hosts, repeated: str
) -> None:
    body = {"model": "gpt-4o", "input": f"later, {repeated}", "background": True}
    path, rule = "/openai/v1/responses", ruled({"fault": {"kind": "failed_event"}})
    if repeated == "replaying":
        assert hosts.recording.http.post(path, json=body).json()["status"] == "queued"
    host: Host = getattr(hosts, repeated)
    answer = host.http.post(path, json=body, headers=rule).json()
    assert (answer["status"], answer["output"]) == ("failed", [])
    assert answer["error"]["code"] == "server_error"
    assert host.http.post(path, json=body).json()["status"] == "queued"


def test_what_a_rule_answers_or_refuses_is_neither_asked_nor_recorded(hosts: Hosts) -> None:
    before = requests_of(hosts.upstream)
    for rule in ({"reply": "chosen"}, {"fault": {"kind": "quota"}}):
        answer = hosts.recording.chat("ruled", headers=ruled(rule))
        assert "x-recording" not in answer.headers
        assert answer.headers["x-simulator-rule"] == "header"
    assert requests_of(hosts.upstream) == before
    assert hosts.replaying.chat("ruled").status_code == 404


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("kind", BREAKING)
def test_a_broken_answer_is_recorded_whole_and_breaks_again(
    hosts: Hosts, kind: str, streamed: bool
) -> None:
    seconds = {"seconds": 0.01} if kind == "stall" else {}
    broken = ruled({"fault": {"kind": kind, **seconds}})
    asked: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    asked = {"text": kind, **(asked if streamed else {})}
    first = hosts.recording.chat(**asked, headers=broken)
    # What the client did not wait for is read, and recorded, while it goes on.
    tried = (hosts.recording.chat(**asked) for _ in range(500))
    whole = next(one for one in tried if one.headers.get("x-recording") == "hit")
    assert told(whole, streamed) == TEXT
    assert (first.content == whole.content) == (kind == "stall")
    again = hosts.replaying.chat(**asked, headers=broken)
    assert again.content == first.content
    assert told(hosts.replaying.chat(**asked), streamed) == TEXT


def told(answer: httpx2.Response, streamed: bool) -> str:
    if not streamed:
        return answer.json()["choices"][0]["message"]["content"]
    lines = (line.removeprefix("data: ") for line in answer.text.splitlines())
    choices = [json.loads(line)["choices"] for line in lines if line.startswith("{")]
    return "".join(one[0]["delta"].get("content") or "" for one in choices if one)


def test_broken_sound_is_recorded_whole(hosts: Hosts) -> None:
    body = {"model": "tts", "input": "Hi", "voice": "alloy"}
    rule = ruled({"fault": {"kind": "truncate"}})
    path = "/openai/v1/audio/speech"
    half = hosts.recording.http.post(path, json=body, headers=rule)
    whole = hosts.recording.http.post(path, json=body)
    assert half.content == whole.content[: len(whole.content) // 2]
    assert hosts.replaying.http.post(path, json=body, headers=rule).content == half.content


def test_several_rules_stand_in_a_header_and_the_first_decides(hosts: Hosts) -> None:
    rules = [{"latency": {"factor": 0}}, {"reply": "first"}, {"reply": "second"}]
    assert hosts.upstream.said(headers=ruled(rules)) == "first"


def test_a_changed_file_is_followed_without_a_look_at_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{"reply": "before"}]}))
    with served({"rules_path": str(path)}) as url:
        host = Host(url)
        assert host.said() == "before"
        path.write_text(json.dumps({"rules": [{"reply": "later on"}]}))
        said = (host.said() for _ in range(20_000))
        assert next(text for text in said if text == "later on")
        host.close()
