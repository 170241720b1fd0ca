"""The filter of a deployment: the asynchronous one, blocklists, rates; and triggers in prompts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest

from tests.content_filter.conftest import contents, events_of, own_rule, respond
from tests.rules.conftest import Host

MakeHost = Callable[..., Host]
MESSAGES: Any = [{"role": "user", "content": "Hello"}]
LONG = "All is well with us here today. " * 30
SAFE = '{"filtered":false,"severity":"safe"}'
HARMS = f'{{"hate":{SAFE},"self_harm":{SAFE},"sexual":{SAFE},"violence":{SAFE}}}'


def with_filter(make_host: MakeHost, content_filter: Any, **settings: Any) -> Host:
    host = make_host(**settings)
    patch = {"openai_deployments": {"gpt-4o": {"content_filter": content_filter}}}
    answer = host.http.patch("/++/config", json=patch)
    assert answer.status_code == 200, answer.text
    return host


@pytest.fixture
def asynchronous(make_host: MakeHost) -> Host:
    return with_filter(make_host, {"mode": "async"})


def annotations(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    choices = (choice for event in events for choice in event["choices"])
    return [choice for choice in choices if "content_filter_offsets" in choice]


def test_annotations_follow_the_tokens_and_have_no_delta(asynchronous: Host) -> None:
    asynchronous.put({"reply": LONG})
    text = asynchronous.chat(stream=True).text
    lines = [line for line in text.splitlines() if line]
    first, last = (line for line in (lines[0], lines[-2]))
    assert '"prompt_filter_results":[{"prompt_index":0' in first
    assert last == (
        'data: {"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,'
        f'"content_filter_results":{HARMS},"content_filter_offsets":{{"check_offset":811,'
        '"start_offset":5,"end_offset":965}}],"usage":null}'
    )
    assert '"finish_reason":"stop"' in lines[-3]
    assert lines[-1] == "data: [DONE]"
    events = [json.loads(line[6:]) for line in lines[:-1]]
    assert contents(events) == LONG
    found = annotations(events)
    assert len(found) == 5
    assert not any("delta" in one for one in found)
    checks = [one["content_filter_offsets"]["check_offset"] for one in found]
    assert checks == sorted(checks)
    tokens = [e["choices"][0] for e in events if e["choices"] and "delta" in e["choices"][0]]
    assert not any("content_filter_results" in one for one in tokens)


def test_a_client_that_expects_a_delta_breaks_on_it(asynchronous: Host) -> None:
    stream = asynchronous.azure.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, stream=True
    )
    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'content'"):
        _ = [chunk.choices[0].delta.content for chunk in stream if chunk.choices]


def test_a_client_that_is_careful_reads_the_text_and_the_block(asynchronous: Host) -> None:
    asynchronous.put(
        {"reply": LONG, "filter": {"completion": {"hate": "high", "after_tokens": 10}}}
    )
    text, finishes = "", list[Any]()
    for chunk in asynchronous.azure.chat.completions.create(
        model="gpt-4o", messages=MESSAGES, stream=True
    ):
        for choice in chunk.choices:
            delta: Any = choice.delta
            text += (delta and delta.content) or ""
            finishes += [choice.finish_reason] if choice.finish_reason else []
    assert finishes == ["content_filter"]
    assert 200 <= len(text) < 1_000
    assert LONG.startswith(text)


def test_a_block_ends_the_stream(asynchronous: Host) -> None:
    rule = {"reply": LONG, "filter": {"completion": {"protected_material_text": True}}}
    answer = asynchronous.chat(
        headers=own_rule(**rule), stream=True, stream_options={"include_usage": True}
    )
    *_, block, usage = events_of(answer)
    assert block["choices"][0]["finish_reason"] == "content_filter"
    found = block["choices"][0]["content_filter_results"]["protected_material_text"]
    assert found == {"detected": True, "filtered": True}
    assert "delta" not in block["choices"][0]
    assert answer.text.endswith("data: [DONE]\n\n")
    assert 40 <= usage["usage"]["completion_tokens"] <= 60


def test_a_short_answer_is_blocked_at_its_end(asynchronous: Host) -> None:
    rule = {"reply": "Short.", "filter": {"completion": {"hate": True}}}
    events = events_of(asynchronous.chat(headers=own_rule(**rule), stream=True))
    finishes = [e["choices"][0]["finish_reason"] for e in events if e["choices"]]
    assert [one for one in finishes if one] == ["content_filter"]
    assert contents(events) == "Short."


def test_completions_have_the_same_annotations(make_host: MakeHost) -> None:
    host = make_host()
    entry = {"model": "gpt-35-turbo-instruct", "content_filter": {"mode": "async"}}
    host.http.patch("/++/config", json={"openai_deployments": {"old": entry}})
    body = {"model": "old", "prompt": "Hi", "stream": True, "max_tokens": 100}
    events = events_of(host.http.post("/openai/v1/completions", json=body))
    found = annotations(events)
    assert found
    assert not any("text" in one for one in found)


def test_older_api_versions_have_no_asynchronous_filter(asynchronous: Host) -> None:
    path = "/openai/deployments/gpt-4o/chat/completions"
    body = {"messages": MESSAGES, "stream": True}
    for version, there in (("2023-05-15", False), ("2024-02-01", True)):
        answer = asynchronous.http.post(f"{path}?api-version={version}", json=body)
        assert answer.status_code == 200
        assert bool(annotations(events_of(answer))) is there


def test_plain_answers_and_responses_are_filtered_before_they_leave(asynchronous: Host) -> None:
    asynchronous.put({"reply": LONG, "filter": {"completion": {"hate": True}}})
    assert "content" not in asynchronous.chat().json()["choices"][0]["message"]
    text = respond(asynchronous, stream=True).text
    assert "response.output_text.delta\n" not in text
    assert "response.incomplete" in text


@pytest.fixture
def listed(make_host: MakeHost) -> Host:
    lists = {"rivals": ["Contoso", "Fabrikam Inc"], "rude": ["darn"]}
    return with_filter(make_host, {"blocklists": lists})


def test_a_refusal_names_the_rule_that_blocked_the_prompt_and_no_other(listed: Host) -> None:
    listed.put({"name": "cut", "filter": {"completion": {"hate": True}}})
    assert "x-simulator-rule" not in listed.chat("Who owns CONTOSO?").headers
    assert listed.chat("Who owns it?").headers["x-simulator-rule"] == "cut"
    listed.put({"name": "block", "filter": {"prompt": {"hate": True}}})
    assert listed.chat("Who owns CONTOSO?").headers["x-simulator-rule"] == "block"


def test_a_word_in_the_prompt_blocks_it(listed: Host) -> None:
    error = listed.chat("Who owns CONTOSO?").json()["error"]
    assert error["innererror"]["content_filter_result"]["custom_blocklists"] == {
        "details": [{"filtered": True, "id": "rivals"}],
        "filtered": True,
    }
    assert listed.chat("Contosos").status_code == 200
    assert respond(listed, instructions="Praise fabrikam inc.").status_code == 400


@pytest.mark.parametrize("reply", ["We like Fabrikam Inc best.", "Contoso", "Hm: fabrikam  INC"])
def test_a_word_in_an_answer_never_leaves(listed: Host, reply: str) -> None:
    listed.put({"reply": reply})
    choice = listed.chat().json()["choices"][0]
    assert choice["finish_reason"] == "content_filter"
    assert "content" not in choice["message"]
    assert choice["content_filter_results"]["custom_blocklists"] == [
        {"filtered": True, "id": "rivals"}
    ]
    events = events_of(listed.chat(stream=True))
    shown = contents(events)
    assert "fabrikam" not in shown.lower()
    assert "contoso" not in shown.lower()
    assert reply.startswith(shown)
    text = respond(listed, stream=True).text.lower()
    assert "fabrikam" not in text
    assert "contoso" not in text


def test_what_only_begins_like_a_word_leaves_whole(listed: Host) -> None:
    for reply in ("Fabrikam Incorporated", "Fabrikam", "contosoesque darning", "fabrikam, inc"):
        listed.put({"reply": reply})
        assert contents(events_of(listed.chat(stream=True))) == reply
        assert listed.said() == reply
        assert respond(listed, stream=True).text.count(reply) >= 3


def test_categories_can_be_annotated_alone(make_host: MakeHost) -> None:
    host = with_filter(
        make_host,
        {
            "blocklists": {"rude": ["darn"]},
            "annotateOnly": ["custom_blocklists", "violence"],
            "rates": {"completion": {"violence": 1}},
        },
    )
    host.put({"reply": "Well, darn it."})
    body = host.chat("Darn! [[filter:violence=high]]").json()
    choice = body["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Well, darn it.", "stop")
    results = choice["content_filter_results"]
    assert results["custom_blocklists"] == [{"filtered": False, "id": "rude"}]
    assert results["violence"] == {"filtered": False, "severity": "medium"}
    prompt = body["prompt_filter_results"][0]["content_filter_results"]
    assert prompt["violence"] == {"filtered": False, "severity": "high"}
    assert prompt["custom_blocklists"]["details"] == [{"filtered": False, "id": "rude"}]
    assert contents(events_of(host.chat(stream=True))) == "Well, darn it."


def test_rates_draw_alike_and_begin_anew(make_host: MakeHost) -> None:
    rates = {"prompt": {"jailbreak": 0.3}, "completion": {"hate": 0.3}}
    host = with_filter(make_host, {"rates": rates})

    def drawn() -> list[str]:
        answers = [host.chat(max_tokens=40) for _ in range(40)]
        return [
            "blocked" if answer.status_code == 400 else answer.json()["choices"][0]["finish_reason"]
            for answer in answers
        ]

    first = drawn()
    assert 4 <= first.count("blocked") <= 20
    assert 2 <= first.count("content_filter") <= 18
    assert host.http.post("/++/reset", json={"what": ["rules"]}).status_code == 200
    assert drawn() == first


@pytest.mark.parametrize(
    ("trigger", "category"),
    [
        ("jailbreak", "jailbreak"),
        ("prompt:indirect_attack", "indirect_attack"),
        ("violence=high", "violence"),
        ("custom_blocklists=mine", "custom_blocklists"),
        ("pii", "personally_identifiable_information"),
    ],
)
def test_a_trigger_blocks_the_prompt(host: Host, trigger: str, category: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        host.v1.chat.completions.create(
            model="gpt-4o",
            messages=[
                {"role": "system", "content": f"Be kind. [[filter:{trigger}]]"},
                {"role": "user", "content": "Hi"},
            ],
        )
    body: Any = caught.value.body
    assert body["innererror"]["content_filter_result"][category]["filtered"] is True


def test_a_trigger_cuts_the_answer(host: Host) -> None:
    choice = host.chat("Hi [[filter:completion:hate=medium]]").json()["choices"][0]
    assert choice["finish_reason"] == "content_filter"
    assert choice["content_filter_results"]["hate"] == {"filtered": True, "severity": "medium"}
    response = respond(host, input="[[filter:completion:violence]]").json()
    assert response["status"] == "incomplete"


@pytest.mark.parametrize(
    "text",
    [
        "[[filter:hates]]",
        "[[filter:violence=huge]]",
        "[[filter:completion:jailbreak]]",
        "[[filter:",
    ],
)
def test_what_names_no_category_is_ordinary_text(host: Host, text: str) -> None:
    assert host.chat(text).json()["choices"][0]["finish_reason"] == "stop"


def test_triggers_can_be_switched_off(make_host: MakeHost) -> None:
    host = make_host(content_filter_triggers=False)
    assert host.chat("[[filter:jailbreak]]").status_code == 200


def test_a_mistake_at_run_time_names_its_place(host: Host) -> None:
    entry = {"content_filter": {"rates": {"prompt": {"jailbrake": 1}}}}
    answer = host.http.patch("/++/config", json={"openai_deployments": {"gpt-4o": entry}})
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "openai_deployments.gpt-4o.content_filter.rates.prompt.jailbrake"
    assert "did you mean 'jailbreak'?" in error["message"]


@pytest.mark.parametrize("streamed", [False, True])
def test_recorded_and_replayed_answers_are_filtered_too(
    make_host: MakeHost, tmp_path: Path, streamed: bool
) -> None:
    upstream = make_host()
    upstream.put({"reply": "One two three four five."})
    folder = str(tmp_path)
    rule = own_rule(filter={"completion": {"hate": True, "at": "four"}})
    recording = make_host(
        mode="record",
        recording_dir=folder,
        upstream_endpoint=upstream.url,
        upstream_key=upstream.http.headers["api-key"],
    )
    shown = [recording.chat(headers=rule, stream=streamed), recording.chat(stream=streamed)]
    replaying = make_host(mode="replay", recording_dir=folder, replay_speed=0.0)
    shown += [replaying.chat(headers=rule, stream=streamed), replaying.chat(stream=streamed)]
    texts = [
        contents(events_of(one)) if streamed else one.json()["choices"][0]["message"]["content"]
        for one in shown
    ]
    cut, whole = "One two three ", "One two three four five."
    assert [text.strip() for text in texts] == [cut.strip(), whole] * 2
    assert all("content_filter" in one.text.partition("finish_reason")[2] for one in shown[::2])
    blocked = own_rule(filter={"prompt": {"jailbreak": True}})
    assert replaying.chat(headers=blocked).json()["error"]["code"] == "content_filter"


@pytest.mark.parametrize("streamed", [False, True])
def test_recorded_responses_are_filtered_too(
    make_host: MakeHost, tmp_path: Path, streamed: bool
) -> None:
    upstream = make_host()
    upstream.put({"reply": "One two three four five."})
    rule = own_rule(filter={"completion": {"hate": True, "after_tokens": 2}})
    recording = make_host(
        mode="record",
        recording_dir=str(tmp_path),
        upstream_endpoint=upstream.url,
        upstream_key=upstream.http.headers["api-key"],
    )
    for _ in range(2):  # live, then from the recording
        answer = respond(recording, headers=rule, stream=streamed)
        done = events_of(answer)[-1]["response"] if streamed else answer.json()
        assert done["incomplete_details"] == {"reason": "content_filter"}
        assert done["output"][0]["content"][0]["text"] == "One two"
        assert done["usage"]["output_tokens"] == 2
        assert "three" not in answer.text
