"""`/++/rules`: what is listed, added, replaced, deleted, and refused."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.assembly.followed import FollowedFileError
from simulator.assembly.operations import API
from tests.configuration.overrides.instances import Instances, chat
from tests.conftest import MakeSimulator
from tests.rules.conftest import Host, host, make_host, shared_host
from tests.support.asking import ask

__all__ = ["host", "make_host", "shared_host"]

RULE = {"name": "one", "when": {"contains": "Hi"}, "reply": "x"}


def names(host: Host) -> list[str]:
    return [rule["name"] for rule in host.shown()]


def post(host: Host, *rules: object) -> int:
    return host.http.post("/++/rules", json={"rules": rules}).status_code


def test_rules_are_shown_with_source_and_counts(host: Host) -> None:
    assert host.put({**RULE, "times": 2}) == [
        {**RULE, "times": 2, "source": "http", "matched": 0, "acted": 0, "left": 2}
    ]
    for _ in range(3):
        host.chat("Hi")
    host.chat("other")
    shown = host.shown()[0]
    assert (shown["matched"], shown["acted"], shown["left"]) == (3, 2, 0)


def test_what_is_shown_can_be_sent_again(host: Host) -> None:
    host.put({"reply": "x", "times": 2}, {"name": "slow", "latency": {"factor": 2}})
    host.said()
    before = host.shown()
    assert host.http.put("/++/rules", json={"rules": before}).status_code == 200
    reported = ("matched", "acted", "left")
    after = [{name: one[name] for name in one if name not in reported} for one in host.shown()]
    assert after == [{name: one[name] for name in one if name not in reported} for one in before]
    assert host.shown()[0]["left"] == 2


def test_left_is_null_without_times(host: Host) -> None:
    assert host.put(RULE)[0]["left"] is None


def test_a_rule_of_the_same_name_takes_the_place_and_counts_anew(host: Host) -> None:
    host.put(RULE, {"name": "two", "reply": "y"})
    host.chat("Hi")
    assert post(host, {"name": "three", "reply": "w"}, {"name": "one", "reply": "z"}) == 200
    assert names(host) == ["one", "two", "three"]
    assert host.shown()[0]["matched"] == 0
    assert host.said() == "z"


def test_rules_without_a_name_get_one_that_is_free(host: Host) -> None:
    host.put({"name": "rule-1", "reply": "a"}, {"reply": "b"})
    post(host, {"reply": "c"})
    assert names(host) == ["rule-1", "rule-2", "rule-3"]


def test_rules_are_deleted_one_by_one_or_all(host: Host) -> None:
    host.put(RULE, {"name": "a b", "reply": "y"}, {"name": "c", "reply": "y"})
    answer = host.http.delete("/++/rules/a%20b")
    assert [rule["name"] for rule in answer.json()["rules"]] == ["one", "c"]
    assert host.http.delete("/++/rules/nobody").status_code == 404
    assert host.http.delete("/simulator/rules").json() == {"rules": []}


def test_rules_touch_no_route_of_the_simulator(host: Host) -> None:
    host.put({"name": "all", "reply": "x"})
    assert host.http.get("/++/health").json()["status"] == "alive"
    assert host.http.get("/").status_code == 200
    assert host.http.delete("/++/rules/all").status_code == 200


def test_a_rule_needs_the_key(host: Host) -> None:
    answer = host.http.put("/++/rules", json={"rules": []}, headers={"api-key": "wrong"})
    assert answer.status_code == 401


def test_the_first_that_matches_decides(host: Host) -> None:
    host.put(RULE, {"name": "all", "reply": "y"})
    assert (host.said("Hi"), host.said("Ho")) == ("x", "y")


def test_a_rule_skips_then_acts_some_times(host: Host) -> None:
    host.put({"reply": "x", "skip": 1, "times": 2}, {"reply": "y"})
    assert [host.said() for _ in range(4)] == ["y", "x", "x", "y"]


def test_the_same_seed_acts_alike(host: Host) -> None:
    rule = {"reply": "x", "probability": 0.5, "seed": 7}
    runs: list[list[str]] = []
    for _ in range(2):
        host.put(rule, {"reply": "y"})
        runs.append([host.said() for _ in range(12)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {"x", "y"}


def test_a_rule_of_the_future_waits(host: Host) -> None:
    host.put({"reply": "x", "from": 1000}, {"reply": "y", "until": 1000})
    assert host.said() == "y"


def test_a_rule_is_gone_after_its_time_to_live(host: Host) -> None:
    host.put({"reply": "x", "ttl": 0}, {"reply": "y"})
    assert host.said() == "y"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {"name": "two", "whn": {}, "reply": "x"},
            "Rule 'two': 'whn': there is no such member. Did",
        ),
        ({"when": {"delpoyment": "x"}, "reply": "x"}, "Did you mean 'deployment'?"),
        (
            {"name": "n", "when": {"contains": 3}, "reply": "x"},
            "Rule 'n': 'when.contains': expected text or a list",
        ),
        (
            {"reply": ["a"], "then": "lst"},
            "'lst' is not one of repeat, last, pass. Did you mean 'last'",
        ),
        ({"name": "n"}, "Rule 'n': it does nothing"),
        ({"reply": "x", "call": {"a": {}}}, "do not go together"),
        ({"reply": "x", "then": "last"}, "'then': it goes with a list"),
        ({"reply": "x", "seed": 1}, "'seed': it goes with a probability"),
        ({"reply": "x", "from": 5, "until": 5}, "'until': it must be later"),
        ({"reply": "{{nothing}}"}, "stands for nothing"),
        ({"reply": {"a": ["{{ last_mesage }}"]}}, "Did you mean 'last_message'?"),
        ({"call": {"a": {"b": "{{body.x}}"}}}, "stands for nothing"),
        (
            {"when": {"matches": "("}, "reply": "x"},
            "'when.matches': not a regular expression: missing )",
        ),
        ({"when": {"body": {"user": "x"}}, "reply": "x"}, "Did you mean '/user'?"),
        (
            {"name": "n", "when": {"operation": "chat_completion"}, "reply": "x"},
            "Rule 'n': 'when.operation': there is no operation 'chat_completion'. Did you",
        ),
        (
            {"when": {"operation": ["responses", "imges_edits"]}, "fault": {"kind": "reset"}},
            "Did you mean 'images_edits'?",
        ),
        ({"when": {"operation": "list_rules"}, "reply": "x"}, "there is no operation"),
        ({"when": {"operation": "chat"}, "reply": "x"}, "'chat'. Did you mean 'chat_completions'?"),
        ({"name": "n\n", "reply": "x"}, "'name': "),
        ({"when": {"operation": "xyz"}, "reply": "x"}, "There are audio_speech, "),
        ({"latency": {}}, "'latency': it changes nothing"),
        ({"reply": "x", "times": 0}, "'times': expected a whole number >= 1"),
        ({"reply": "x", "name": "a/b"}, "'name': expected a text without '/' and control"),
        ({"name": "n", "call": {"a/b": {}}}, "'call': expected a text without '/'"),
        ({}, "Rule rules[1]: it does nothing"),
        ({"reply": "x", "when": {"matches": "("}}, "Rule rules[1]: 'when.matches'"),
        ({"reply": "x", "when": {"operation": "chat"}}, "Rule rules[1]: 'when.operation'"),
        ({"reply": "x", "when": {"path": "openai"}}, "Did you mean '/openai'?"),
        ({"reply": "x", "when": {"any_message": {}}}, "'when.any_message': it is empty"),
        ({"reply": "x", "when": {"header": {}}}, "'when.header': it is empty"),
        ({"reply": "x", "when": {"body": {}}}, "'when.body': it is empty"),
        ("text", "rules[1]"),
    ],
)
def test_a_bad_rule_is_named_and_nothing_is_applied(host: Host, rule: object, said: str) -> None:
    answer = host.http.post("/++/rules", json={"rules": [RULE, rule]})
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert host.shown() == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"rules": {}}', b'{"rulez": []}', b'{"rules": ' + b"[" * 9999]
)
def test_what_is_no_document_is_refused(host: Host, body: bytes) -> None:
    assert host.http.post("/++/rules", content=body).status_code == 400


def test_a_rule_may_be_for_any_operation_of_the_api_and_for_unknown_paths(host: Host) -> None:
    operations = [*(one.name for one in API if not one.local), "unknown"]
    host.put({"when": {"operation": operations}, "fault": {"kind": "suspended"}})
    assert host.chat().status_code == 403
    assert host.http.get("/openai/v1/nothing").status_code == 403


def test_two_rules_of_one_name_are_refused(host: Host) -> None:
    assert post(host, RULE, RULE) == 400


def test_a_file_is_followed_and_a_bad_one_refused(
    make_host: Callable[..., Host], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{"name": "f", "reply": "file"}]}))
    host = make_host(rules_path=str(path))
    assert host.said() == "file"
    assert host.shown()[0]["source"] == "file"
    assert host.http.delete("/++/rules/f").status_code == 409
    path.write_text("{")
    os.utime(path, ns=(1, 1))
    host.shown()
    assert host.said() == "file"
    assert "what was in force stays in force: Not JSON" in caplog.text
    path.write_text(json.dumps({"rules": [{"reply": "changed"}]}))
    os.utime(path, ns=(2, 2))
    host.shown()
    assert host.said() == "changed"
    host.put({"name": "f", "reply": "http"})
    assert host.said() == "http"


def test_a_rule_without_a_name_takes_none_of_a_files_rules(
    make_host: Callable[..., Host], tmp_path: Path
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{"reply": "file"}, {"name": "rule-1", "reply": "x"}]}))
    host = make_host(rules_path=str(path))
    assert names(host) == ["file-rule-1", "rule-1"]
    host.put({"reply": "http"})
    assert post(host, {"reply": "another"}) == 200
    assert names(host) == ["rule-2", "rule-3", "file-rule-1", "rule-1"]
    assert host.http.delete("/++/rules/rule-1").status_code == 409


def test_a_name_that_was_made_stays_its_own_when_a_file_grows(
    make_host: Callable[..., Host], tmp_path: Path
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{"reply": "a"}]}))
    host = make_host(rules_path=str(path))
    host.put({"reply": "http"}, {"reply": "more"})
    path.write_text(json.dumps({"rules": [{"reply": text} for text in "abcd"]}))
    os.utime(path, ns=(1, 1))
    grown = names(host)
    assert grown == ["rule-1", "rule-2", *(f"file-rule-{n}" for n in (1, 2, 3, 4))]
    assert host.http.delete("/++/rules/file-rule-2").status_code == 409
    assert host.http.delete("/++/rules/rule-2").status_code == 200
    assert names(host) == [name for name in grown if name != "rule-2"]


@pytest.mark.parametrize(
    ("rule", "meant"),
    [
        ({"name": "x", "rply": "y"}, "reply"),
        ({"when": {"operation": "embedings"}, "embedding": [1]}, "embeddings"),
    ],
)
def test_a_bad_file_stops_the_start_with_one_line(
    make_simulator: MakeSimulator, tmp_path: Path, rule: object, meant: str
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [rule]}))
    with pytest.raises(FollowedFileError, match=f"Did you mean '{meant}'") as caught:
        make_simulator(rules_path=str(path))
    assert "\n" not in str(caught.value)


def test_rules_of_http_outlive_the_process_and_reach_other_instances(
    make_host: Callable[..., Host], tmp_path: Path
) -> None:
    first = make_host(mode="replay", recording_dir=str(tmp_path))
    first.put(RULE)
    second = make_host(mode="replay", recording_dir=str(tmp_path))
    assert second.said("Hi") == "x"
    second.http.delete("/++/rules/one")
    assert first.shown() == []


def test_a_document_may_begin_with_the_mark_of_an_editor(host: Host) -> None:
    document = json.dumps({"rules": [RULE]}).encode("utf-8-sig")
    assert host.http.post("/++/rules", content=document).status_code == 200


async def test_rules_reach_processes_that_share_a_folder_within_a_second(tmp_path: Path) -> None:
    instances = Instances({"recording_dir": str(tmp_path), "mode": "replay"})
    first, second = instances.start(), instances.start()
    try:
        assert (await chat(second)).status == 404
        rules = {"rules": [{"name": "one", "reply": "x"}]}
        assert (await ask(first, "/++/rules", rules, query="")).status == 200
        instances.clock.now += 1.0
        assert (await chat(second)).json["choices"][0]["message"]["content"] == "x"
    finally:
        await instances.close()


def switch(host: Host, name: str, document: object) -> int:
    return host.http.patch(f"/++/rules/{name}", json=document).status_code


def test_a_rule_that_is_switched_off_matches_nothing_until_it_is_on(host: Host) -> None:
    host.put(RULE, {"name": "two", "when": {"contains": "Hi"}, "reply": "y"})
    assert switch(host, "one", {"enabled": False}) == 200
    assert [rule.get("enabled") for rule in host.shown()] == [False, None]
    assert host.said("Hi") == "y"
    assert host.shown()[0]["matched"] == 0
    assert switch(host, "one", {"enabled": True}) == 200
    assert host.said("Hi") == "x"


@pytest.mark.parametrize(
    ("name", "document", "status"),
    [
        ("none", {"enabled": False}, 404),
        ("one", {}, 400),
        ("one", {"enabled": 0}, 400),
        ("one", {"enabeld": False}, 400),
        ("one", [], 400),
    ],
)
def test_a_bad_switch_changes_nothing(host: Host, name: str, document: object, status: int) -> None:
    host.put(RULE)
    assert switch(host, name, document) == status
    assert host.said("Hi") == "x"


def test_a_rule_of_a_file_is_switched_off_too(
    make_host: Callable[..., Host], tmp_path: Path
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{**RULE, "reply": "file"}]}))
    host = make_host(rules_path=str(path))
    switch(host, "one", {"enabled": False})
    assert host.said("Hi") != "file"
    host.http.post("/++/reset", json={"what": ["rules"]})
    assert host.said("Hi") == "file"


@pytest.mark.parametrize("way", ["post", "put", "delete"])
def test_a_rule_that_comes_again_is_on(host: Host, way: str) -> None:
    host.put(RULE)
    switch(host, "one", {"enabled": False})
    if way == "delete":
        host.http.delete("/++/rules/one")
    host.put(RULE) if way == "put" else post(host, RULE)
    assert host.said("Hi") == "x"


def test_switches_reach_other_instances(make_host: Callable[..., Host], tmp_path: Path) -> None:
    first = make_host(mode="replay", recording_dir=str(tmp_path))
    first.put(RULE)
    switch(first, "one", {"enabled": False})
    second = make_host(mode="replay", recording_dir=str(tmp_path))
    assert second.shown()[0]["enabled"] is False
