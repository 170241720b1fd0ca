"""A conversation that is compacted, and goes on from there."""

from typing import Any

import httpx2
import openai
import pytest
from openai.types.responses import (
    CompactedResponse,
    ResponseCompactionItem,
    ResponseInputMessageItem,
)

from simulator.operations.responses.encrypted_content import tokens_of

MODEL = "gpt-5-mini"
LONG = "It rains in Oslo, and it snows in Bergen. " * 100
TURNS = [
    {"role": "developer", "content": "Be kind."},
    {"role": "user", "content": LONG},
    {"role": "assistant", "content": LONG},
    {"role": "user", "content": "And in Rome?"},
]


def test_it_becomes_its_users_messages_and_a_summary(http: httpx2.Client) -> None:
    answer = http.post("/openai/v1/responses/compact", json={"model": MODEL, "input": TURNS})
    assert answer.status_code == 200
    body = answer.json()
    *messages, summary = body["output"]
    for message in messages:
        # As Microsoft and OpenAI describe them; the package has the model of answers for them.
        ResponseInputMessageItem.model_validate(message, strict=True)
    assert [message["content"][0]["text"] for message in messages] == [LONG, "And in Rome?"]
    ResponseCompactionItem.model_validate(summary, strict=True)
    CompactedResponse.model_validate({**body, "output": [summary]}, strict=True)
    assert body["usage"]["output_tokens"] == tokens_of(summary["encrypted_content"])


def test_the_conversation_goes_on_from_the_summary(v1: openai.OpenAI) -> None:
    first = v1.responses.create(model=MODEL, input=LONG)
    compacted = v1.responses.compact(
        model=MODEL, input="And in Rome?", previous_response_id=first.id
    )
    # The package reads messages of the user as the model's, and warns when it writes them.
    output = [item.to_dict(warnings=False) for item in compacted.output]
    items: Any = [*output, {"role": "user", "content": "?"}]
    after = v1.responses.create(model=MODEL, input=items, store=False)
    without = v1.responses.create(
        model=MODEL, input=[item for item in items if item.get("type") != "compaction"], store=False
    )
    assert after.usage is not None
    assert without.usage is not None
    summary = compacted.usage.output_tokens
    assert after.usage.input_tokens == without.usage.input_tokens + summary
    again = v1.responses.compact(model=MODEL, input=items)
    assert again.usage.input_tokens == after.usage.input_tokens


def test_a_compacted_response_is_not_kept(v1: openai.OpenAI) -> None:
    compacted = v1.responses.compact(model=MODEL, input="Hello")
    with pytest.raises(openai.NotFoundError):
        v1.responses.retrieve(compacted.id)


@pytest.mark.parametrize("content", ["", "x", "gAAAAA==", "A" * 1_000])
@pytest.mark.parametrize("route", ["responses", "responses/compact", "responses/input_tokens"])
def test_a_summary_of_somebody_else_is_refused(
    http: httpx2.Client, route: str, content: str
) -> None:
    summary = {"type": "compaction", "encrypted_content": content}
    items = [summary, {"role": "user", "content": "Go on."}]
    answer = http.post(f"/openai/v1/{route}", json={"model": MODEL, "input": items})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid_encrypted_content"


@pytest.mark.parametrize(
    ("param", "body"),
    [
        ("stream", {"stream": True}),
        ("input", {"input": []}),
        ("input[0].encrypted_content", {"input": [{"type": "compaction"}]}),
        ("service_tier", {"service_tier": "best"}),
        ("input", {"input": [TURNS[0], {"type": "item_reference", "id": "msg_1"}]}),
    ],
)
def test_what_a_response_refuses_is_refused(
    http: httpx2.Client, param: str, body: dict[str, Any]
) -> None:
    whole = {"model": MODEL, "input": TURNS} | body
    answer = http.post("/openai/v1/responses/compact", json=whole)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


COMPACT: Any = [{"type": "compaction", "compact_threshold": 1000}]


def test_a_long_input_is_compacted_on_the_way(v1: openai.OpenAI) -> None:
    first = v1.responses.create(model=MODEL, input=LONG, context_management=COMPACT)
    assert [item.type for item in first.output] == ["compaction", "reasoning", "message"]
    assert first.usage is not None
    then = v1.responses.create(model=MODEL, input="Go on", previous_response_id=first.id)
    assert then.usage is not None
    assert then.usage.input_tokens < first.usage.input_tokens
    assert [item.type for item in then.output] == ["reasoning", "message"]


def test_a_short_input_is_not_compacted(v1: openai.OpenAI) -> None:
    answer = v1.responses.create(model=MODEL, input="Hi", context_management=COMPACT)
    assert "compaction" not in [item.type for item in answer.output]


def test_the_summary_is_the_first_item_of_a_stream(v1: openai.OpenAI) -> None:
    events: Any = v1.responses.create(
        model=MODEL, input=LONG, context_management=COMPACT, stream=True
    )
    kinds = [(event.type, event.item.type) for event in events if hasattr(event, "item")]
    assert kinds[:3] == [
        ("response.output_item.added", "compaction"),
        ("response.output_item.done", "compaction"),
        ("response.output_item.added", "reasoning"),
    ]


def test_it_takes_what_codex_sends(v1: openai.OpenAI) -> None:
    tool = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
    body = {
        "tools": [tool],
        "parallel_tool_calls": True,
        "reasoning": {"effort": "low"},
        "text": {},
    }
    plain = v1.responses.compact(model=MODEL, input=LONG)
    more = v1.responses.compact(model=MODEL, input=LONG, extra_body=body)
    assert more.usage.input_tokens > plain.usage.input_tokens


def test_parallel_calls_need_tools(v1: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        v1.responses.compact(model=MODEL, input="Hi", extra_body={"parallel_tool_calls": True})
    assert "only allowed when 'tools' are specified" in refused.value.message
