"""Answers that are cut or annotated: the finish of each client, and the bytes of each shape."""

import json
import re
from typing import Any

import openai
import pytest
import tiktoken
from openai.types.chat import ChatCompletionMessageFunctionToolCall

from tests.content_filter.conftest import contents, events_of, own_rule, respond
from tests.rules.conftest import Host

REPLY = "You will need a very sharp knife for it."
CUT: dict[str, Any] = {"completion": {"violence": "medium", "after_tokens": 3}}
AT: dict[str, Any] = {"completion": {"violence": "high", "at": "Sharp  KNIFE"}}
STREAM = {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}}
MESSAGES: Any = [{"role": "user", "content": "Hi"}]
SAFE = '{"filtered":false,"severity":"safe"}'
UNDETECTED = '{"detected":false,"filtered":false}'
VIOLENT = '{"filtered":true,"severity":"medium"}'
RESULTS = (
    f'{{"hate":{SAFE},"protected_material_code":{UNDETECTED},"protected_material_text":{UNDETECTED},'
    f'"self_harm":{SAFE},"sexual":{SAFE},"violence":{VIOLENT}}}'
)
TOOL: Any = {
    "type": "function",
    "function": {
        "name": "find",
        "parameters": {"type": "object", "properties": {"what": {"type": "string"}}},
    },
}


def tokens(text: str) -> int:
    return len(tiktoken.get_encoding("o200k_base").encode(text))


def ruled(found: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"reply": REPLY, "filter": found, **members}


def test_a_plain_choice_is_cut_to_the_byte(host: Host) -> None:
    text = host.chat(headers=own_rule(**ruled(CUT))).text
    assert text.startswith(
        f'{{"choices":[{{"content_filter_results":{RESULTS},"finish_reason":"content_filter","index":0,'
        '"logprobs":null,"message":{"annotations":[],"content":"You will need","refusal":null,'
        '"role":"assistant"}}],"created":'
    )
    assert text.endswith("}\n")
    usage = json.loads(text)["usage"]
    assert (usage["completion_tokens"], usage["total_tokens"]) == (3, usage["prompt_tokens"] + 3)


def test_a_streamed_choice_is_cut_to_the_byte(host: Host) -> None:
    text = host.chat(headers=own_rule(**ruled(CUT)), **STREAM).text
    created = re.search(r'"created":(\d{6,})', text)
    name = re.search(r'"id":"(chatcmpl-\w+)"', text)
    assert created
    assert name
    tail = (
        f'"created":{created[1]},"id":"{name[1]}","model":"gpt-4o-2024-11-20",'
        '"object":"chat.completion.chunk","service_tier":"default",'
        '"system_fingerprint":"fp_ded0d14823","usage":null}\n\n'
    )
    safe = RESULTS.replace(VIOLENT, SAFE)
    assert [event for event in text.split("data: ") if '"delta"' in event] == [
        *(
            f'{{"choices":[{{"content_filter_results":{results},"delta":{delta},'
            f'"finish_reason":{finish},"index":0,"logprobs":null}}],{tail}'
            for results, delta, finish in (
                ("{}", '{"content":"","refusal":null,"role":"assistant"}', "null"),
                (safe, '{"content":"You"}', "null"),
                (safe, '{"content":" will"}', "null"),
                (safe, '{"content":" need"}', "null"),
                (RESULTS, "{}", '"content_filter"'),
            )
        )
    ]
    assert text.endswith("data: [DONE]\n\n")
    assert events_of_text(text)[-1]["usage"]["completion_tokens"] == 3


def events_of_text(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]


def test_the_client_reads_a_word_as_the_end(host: Host) -> None:
    host.put(ruled(AT))
    plain = host.azure.chat.completions.create(model="gpt-4o", messages=MESSAGES).choices[0]
    stream = list(
        host.azure.chat.completions.create(model="gpt-4o", messages=MESSAGES, stream=True)
    )
    choices = [chunk.choices[0] for chunk in stream if chunk.choices]
    streamed = "".join(choice.delta.content or "" for choice in choices)
    assert plain.message.content is not None
    assert plain.message.content.strip() == streamed.strip() == "You will need a very"
    assert plain.finish_reason == choices[-1].finish_reason == "content_filter"


def test_nothing_is_left_without_a_place(host: Host) -> None:
    host.put(ruled({"completion": {"hate": True}}))
    choice = host.chat().json()["choices"][0]
    assert choice["finish_reason"] == "content_filter"
    assert "content" not in choice["message"]
    assert contents(events_of(host.chat(stream=True))) == ""
    with pytest.raises(openai.ContentFilterFinishReasonError):
        host.azure.chat.completions.parse(model="gpt-4o", messages=MESSAGES)


def test_a_shorter_answer_stays_whole(host: Host) -> None:
    for found in ({"hate": True, "after_tokens": 500}, {"hate": True, "at": "kniv"}):
        host.put(ruled({"completion": found}))
        choice = host.chat().json()["choices"][0]
        assert (choice["message"]["content"], choice["finish_reason"]) == (REPLY, "stop")
        assert not any(one["filtered"] for one in choice["content_filter_results"].values())
        assert contents(events_of(host.chat(stream=True))) == REPLY


def test_every_choice_is_cut(host: Host) -> None:
    host.put(ruled(CUT))
    answer = host.chat(n=3).json()
    assert [one["finish_reason"] for one in answer["choices"]] == ["content_filter"] * 3
    assert answer["usage"]["completion_tokens"] == 9
    events = events_of(host.chat(n=3, **STREAM))
    ends = [e["choices"][0] for e in events if e["choices"] and e["choices"][0]["finish_reason"]]
    assert sorted(one["index"] for one in ends) == [0, 1, 2]
    assert contents(events).count("need") == 3
    assert events[-1]["usage"]["completion_tokens"] == 9


def test_log_probabilities_are_those_of_what_is_left(host: Host) -> None:
    host.put(ruled(CUT))
    choice = host.chat(logprobs=True, top_logprobs=1).json()["choices"][0]
    assert "".join(one["token"] for one in choice["logprobs"]["content"]) == "You will need"
    body = {"model": "gpt-35-turbo-instruct", "prompt": "Hi", "logprobs": 1, "max_tokens": 50}
    old = host.http.post("/openai/v1/completions", json=body).json()["choices"][0]["logprobs"]
    assert {len(values) for values in old.values()} == {3}


def test_completions_are_cut_too(host: Host) -> None:
    host.put(ruled(CUT))
    plain = host.v1.completions.create(
        model="gpt-35-turbo-instruct", prompt=["Hi", "Ho"], max_tokens=50
    )
    assert [choice.text for choice in plain.choices] == ["You will need"] * 2
    assert {choice.finish_reason for choice in plain.choices} == {"content_filter"}
    chunks = list(
        host.v1.completions.create(
            model="gpt-35-turbo-instruct", prompt="Hi", max_tokens=50, stream=True
        )
    )
    choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
    assert "".join(choice.text for choice in choices) == "You will need"
    assert choices[-1].finish_reason == "content_filter"


def test_arguments_of_a_call_are_looked_at(host: Host) -> None:
    rule = {"call": {"find": {"what": "a sharp knife"}}, "filter": AT}
    host.put(rule)
    asked: dict[str, Any] = {"model": "gpt-4o", "messages": MESSAGES, "tools": [TOOL]}
    choice = host.azure.chat.completions.create(**asked).choices[0]
    assert choice.finish_reason == "content_filter"
    assert choice.message.tool_calls
    call = choice.message.tool_calls[0]
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    assert call.function.arguments == '{"what":"a '
    text = host.chat(tools=[TOOL], stream=True).text
    assert "knife" not in text
    assert '"finish_reason":"content_filter"' in text
    response = respond(host, tools=[{"type": "function", "name": "find"}]).json()
    assert response["incomplete_details"] == {"reason": "content_filter"}
    assert response["output"][0]["arguments"] == '{"what":"a '
    assert response["output"][0]["status"] == "incomplete"


def test_a_response_is_incomplete_and_stored_so(host: Host) -> None:
    host.put(ruled(CUT))
    response = host.v1.responses.create(model="gpt-4o", input="Hi")
    assert response.status == "incomplete"
    assert response.incomplete_details
    assert response.incomplete_details.reason == "content_filter"
    assert response.output_text == "You will need"
    assert response.usage
    assert response.usage.output_tokens == 3
    stored = host.v1.responses.retrieve(response.id)
    assert stored.to_dict() == response.to_dict()
    later = host.v1.responses.create(model="gpt-4o", input="And?", previous_response_id=response.id)
    assert later.status == "incomplete"


def test_the_filters_of_a_response_say_what_was_blocked(host: Host) -> None:
    text = respond(host, headers=own_rule(**ruled(CUT))).text
    assert text.startswith('{\n  "id": "resp_')
    prompt, completion = json.loads(text)["content_filters"]
    assert (prompt["blocked"], completion["blocked"]) == (False, True)
    assert json.dumps(completion["content_filter_results"], separators=(",", ":")) == RESULTS
    offsets = {"start_offset": 0, "end_offset": len("You will need"), "check_offset": 0}
    assert completion["content_filter_offsets"] == offsets


def test_a_streamed_response_ends_incomplete(host: Host) -> None:
    host.put(ruled(AT))
    events = list(host.v1.responses.create(model="gpt-4o", input="Hi", stream=True))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == "You will need a very "
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[-4:]] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.incomplete",
    ]
    last = events[-1]
    assert last.type == "response.incomplete"
    assert last.response.output_text == "You will need a very "
    assert last.response.incomplete_details
    assert last.response.incomplete_details.reason == "content_filter"
    shown = [
        event.text if event.type == "response.output_text.done" else "" for event in events[-4:-3]
    ]
    assert shown == ["You will need a very "]


def test_what_comes_behind_the_cut_is_no_item(host: Host) -> None:
    calls = {"find": {"what": "a sharp knife"}, "look": {"what": "else"}}
    host.put({"call": calls, "filter": AT})
    tools = [{"type": "function", "name": name} for name in calls]
    text = respond(host, tools=tools, stream=True).text
    assert "knife" not in text
    assert (
        "look"
        not in text.partition("response.output_item.added")[2].partition("response.incomplete")[0]
    )
    last = events_of_text(text)[-1]["response"]
    assert [item["name"] for item in last["output"]] == ["find"]
    assert [event["sequence_number"] for event in events_of_text(text)] == list(
        range(len(events_of_text(text)))
    )


def test_a_response_in_the_background_is_cut_when_it_is_done(host: Host) -> None:
    host.put(ruled(CUT))
    begun = respond(host, background=True).json()
    assert (begun["status"], begun["content_filters"]) == ("queued", None)
    done = host.http.get(f"/openai/v1/responses/{begun['id']}").json()
    assert done["status"] == "incomplete"
    assert done["output"][0]["content"][0]["text"] == "You will need"


@pytest.mark.parametrize("streamed", [False, True])
def test_annotations_let_everything_pass(host: Host, streamed: bool) -> None:
    notes = {
        "prompt": {"jailbreak": True, "indirect_attack": True},
        "completion": {"hate": "low", "protected_material_code": True},
    }
    answer = host.chat(headers=own_rule(**ruled({"annotate": notes})), stream=streamed)
    if streamed:
        events = events_of(answer)
        assert contents(events) == REPLY
        prompt = events[0]["prompt_filter_results"][0]["content_filter_results"]
        results = [
            choice["content_filter_results"]
            for event in events
            for choice in event["choices"]
            if choice["delta"].get("content")
        ]
    else:
        body = answer.json()
        prompt = body["prompt_filter_results"][0]["content_filter_results"]
        results = [body["choices"][0]["content_filter_results"]]
        assert body["choices"][0]["message"]["content"] == REPLY
    assert prompt["jailbreak"] == prompt["indirect_attack"] == {"detected": True, "filtered": False}
    for one in results:
        assert one["hate"] == {"filtered": False, "severity": "low"}
        assert one["protected_material_code"]["citation"].keys() == {"URL", "license"}


def test_images_are_annotated(host: Host) -> None:
    notes = {"prompt": {"violence": "low"}, "completion": {"sexual": "low"}}
    body = {"model": "gpt-image-2", "prompt": "A cat", "quality": "low"}
    image = host.http.post(
        "/openai/v1/images/generations", json=body, headers=own_rule(filter={"annotate": notes})
    ).json()["data"][0]
    assert image["prompt_filter_results"]["violence"]["severity"] == "low"
    assert image["content_filter_results"]["sexual"]["severity"] == "low"


def test_protected_code_has_its_citation(host: Host) -> None:
    citation = {"URL": "https://github.com/a/b", "license": "GPL-3.0"}
    found = {"completion": {"protected_material_code": {"citation": citation}}}
    choice = host.chat(headers=own_rule(**ruled(found))).json()["choices"][0]
    result = choice["content_filter_results"]["protected_material_code"]
    assert result == {"citation": citation, "detected": True, "filtered": True}


def test_the_journal_and_the_costs_have_what_was_cut(make_host: Any) -> None:
    host = make_host()
    reason = "the content filter cut the answer: violence=medium"
    for members in ({}, STREAM):
        host.chat(headers=own_rule(**ruled(CUT)), **members)
    entries = host.http.get("/++/requests").json()["requests"]
    assert [(one["status"], one["reason"]) for one in entries] == [(200, reason)] * 2
    assert [one["completion_tokens"] for one in entries] == [3, 3]
    costs = host.http.get("/++/costs").json()
    assert costs["thrown_away"]["filtered"] == costs["total"] > 0


def test_a_mistake_names_the_member_and_what_was_meant(host: Host) -> None:
    told = {
        '{"prompt": {"violance": true}}': "'filter.prompt.violance': no such category; did you mean 'violence'?",
        '{"prompt": {"violence": "hihg"}}': "'filter.prompt.violence': not a severity, nor true; did you mean 'high'?",
        '{"prompt": {"violence": "safe"}}': "'filter.prompt.violence': not a severity",
        '{"prompt": {"jailbreak": "high"}}': "'filter.prompt.jailbreak': it has no severity: expected true.",
        '{"prompt": {"custom_blocklists": true}}': "'filter.prompt.custom_blocklists': expected names",
        '{"prompt": {"custom_blocklists": []}}': "'filter.prompt.custom_blocklists': expected names",
        '{"completion": {"jailbreak": true}}': "'filter.completion.jailbreak': jailbreak is looked for in prompts alone.",
        '{"completion": {"hate": true, "after_token": 1}}': "Did you mean 'after_tokens'?",
        '{"completion": {"hate": true, "after_tokens": -1}}': "'filter.completion.after_tokens': expected a number",
        '{"completion": {"hate": true, "at": " "}}': "'filter.completion.at': expected a word",
        '{"completion": {"hate": true, "at": "x", "after_tokens": 1}}': "give one of after_tokens and at",
        '{"completion": {"after_tokens": 1}}': "'filter.completion': say what is found",
        '{"completion": {"protected_material_code": {"url": 1}}}': 'expected true, or {"citation"',
        '{"promt": {}}': "'filter.promt': there is no such member. Did you mean 'prompt'?",
        '{"annotate": {"answer": {}}}': "'filter.annotate.answer': there is no such member.",
        '{"annotate": {"prompt": {"hat": true}}}': "'filter.annotate.prompt.hat': no such category",
        '{"completion": {"hate": true}, "charged": false}': "'filter.charged': it is for prompts",
        "{}": "'filter': it filters nothing",
    }
    for found, expected in told.items():
        answer = host.chat(headers=own_rule(filter=json.loads(found)))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_rule"), found
        assert expected in answer.json()["error"]["message"], found


@pytest.mark.parametrize("beside", [{"reply": "x"}, {"call": {"find": {}}}])
def test_a_blocked_prompt_has_no_answer_beside_it(host: Host, beside: dict[str, Any]) -> None:
    answer = host.chat(headers=own_rule(filter={"prompt": {"hate": True}}, **beside))
    assert answer.status_code == 400
    assert "has no reply and no call" in answer.json()["error"]["message"]


def test_a_filter_does_not_go_with_a_fault(host: Host) -> None:
    answer = host.chat(headers=own_rule(filter=CUT, fault={"kind": "timeout"}))
    assert "'fault' and 'filter' do not go together" in answer.json()["error"]["message"]
