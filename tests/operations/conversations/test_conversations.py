"""Conversations as clients of the API use them: alone, and as a parameter of responses."""

from typing import Any

import httpx2
import openai
import pydantic
import pytest
from openai.types.conversations import ConversationItem, ConversationItemList
from openai.types.responses import Response

from tests.operations.responses.instances import function
from tests.support.route_clients import strictly

MODEL = "gpt-5-mini"
UNKNOWN = "conv_" + "0" * 48
USER: Any = {"role": "user", "content": "Hello"}
ITEMS: list[Any] = [
    USER,
    {"role": "assistant", "content": "Hi."},
    {"role": "developer", "content": [{"type": "input_text", "text": "Be kind."}]},
    {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c1", "output": "rain"},
    {
        "role": "user",
        "content": [{"type": "input_image", "image_url": "https://example.com/a.png"}],
    },
]


def kinds(items: Any) -> list[str]:
    return [item.type for item in items]


def test_a_conversation_is_made_got_changed_and_deleted(v1: openai.OpenAI) -> None:
    made = v1.conversations.create(metadata={"topic": "demo"})
    strictly(made)
    assert made.id.startswith("conv_")
    assert made.metadata == {"topic": "demo"}
    assert v1.conversations.retrieve(made.id) == made
    changed = v1.conversations.update(made.id, metadata={"a": "b"})
    strictly(changed)
    assert v1.conversations.retrieve(made.id).metadata == {"a": "b"}
    assert v1.conversations.update(made.id, metadata=None).metadata == {}
    deleted = v1.conversations.delete(made.id)
    strictly(deleted)
    assert (deleted.id, deleted.deleted) == (made.id, True)
    with pytest.raises(openai.NotFoundError) as refusal:
        v1.conversations.delete(made.id)
    assert refusal.value.body == {
        "message": f"Conversation with id '{made.id}' not found.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def test_items_are_added_listed_got_and_deleted(v1: openai.OpenAI, http: httpx2.Client) -> None:
    made = v1.conversations.create(items=ITEMS[:1])
    added = v1.conversations.items.create(made.id, items=ITEMS[1:])
    assert (len(added.data), added.has_more) == (len(ITEMS) - 1, False)
    listed = http.get(f"/openai/v1/conversations/{made.id}/items", params={"order": "asc"})
    ConversationItemList.model_validate_json(listed.content, strict=True)
    shown = list(v1.conversations.items.list(made.id, limit=2))
    assert len(shown) == len(ITEMS)
    assert [item.id for item in added.data] == [item.id for item in shown[::-1]][1:]
    one = v1.conversations.items.retrieve(shown[1].id or "", conversation_id=made.id)
    assert one == shown[1]
    body = http.get(f"/openai/v1/conversations/{made.id}/items/{one.id}").content
    pydantic.TypeAdapter(ConversationItem).validate_json(body, strict=True)
    after = v1.conversations.items.delete(one.id or "", conversation_id=made.id)
    assert after == made
    assert one.id not in [item.id for item in v1.conversations.items.list(made.id)]
    with pytest.raises(openai.NotFoundError, match=f"Item with id '{one.id}' not found"):
        v1.conversations.items.delete(one.id or "", conversation_id=made.id)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_a_response_goes_on_with_its_conversation(
    v1: openai.OpenAI, http: httpx2.Client, stream: bool, named: bool
) -> None:
    made = v1.conversations.create(items=[{"role": "user", "content": "It rains in Oslo."}])
    asked: Any = {"model": MODEL, "conversation": {"id": made.id} if named else made.id}
    bare = v1.responses.input_tokens.count(model=MODEL, input="Why?").input_tokens
    counted = v1.responses.input_tokens.count(input="Why?", **asked).input_tokens
    answer: Any
    if stream:
        with v1.responses.stream(input="Why?", **asked) as events:
            answer = events.get_final_response()
    else:
        answer = v1.responses.create(input="Why?", **asked)
    assert answer.conversation.id == made.id
    assert answer.usage.input_tokens == counted > bare
    Response.model_validate_json(http.get(f"/openai/v1/responses/{answer.id}").content, strict=True)
    items = list(v1.conversations.items.list(made.id, order="asc"))
    assert kinds(items) == ["message", "message", "reasoning", "message"]
    assert [item.id for item in items[2:]] == [item.id for item in answer.output]
    again: Any = v1.responses.create(**asked)
    assert again.usage.input_tokens > counted


@pytest.mark.parametrize("stored", [True, False])
def test_turns_are_kept_also_of_responses_that_are_not(v1: openai.OpenAI, stored: bool) -> None:
    made = v1.conversations.create()
    v1.responses.create(model="gpt-4o", input="Hi", conversation=made.id, store=stored)
    assert kinds(v1.conversations.items.list(made.id)) == ["message", "message"]


def test_a_loop_of_tools_in_a_conversation(v1: openai.OpenAI) -> None:
    made = v1.conversations.create()
    tools: Any = [function()]
    first = v1.responses.create(
        model="gpt-4o", input="?", conversation=made.id, tools=tools, tool_choice="required"
    )
    call: Any = first.output[0]
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    second = v1.responses.create(model="gpt-4o", input=[result], conversation=made.id, tools=tools)
    assert second.output_text
    items = v1.conversations.items.list(made.id, order="asc")
    assert kinds(items) == ["message", "function_call", "function_call_output", "message"]


def test_items_that_a_conversation_has_are_refused(v1: openai.OpenAI) -> None:
    made = v1.conversations.create(items=[USER])
    item = v1.conversations.items.list(made.id).data[0]
    again: Any = {**USER, "id": item.id}
    reference: Any = {"type": "item_reference", "id": item.id}
    with pytest.raises(openai.BadRequestError, match=f"Duplicate item found with id {item.id}"):
        v1.conversations.items.create(made.id, items=[again])
    with pytest.raises(openai.BadRequestError, match=f"Duplicate item found with id {item.id}"):
        v1.responses.create(model=MODEL, input=[reference], conversation=made.id)


@pytest.mark.parametrize(
    ("body", "status", "param", "code"),
    [
        ({"conversation": UNKNOWN}, 404, None, None),
        ({"conversation": {"id": UNKNOWN}}, 404, None, None),
        ({"conversation": "conv_" + "x" * 500}, 404, None, None),
        ({"conversation": "thread_1"}, 400, "conversation", "invalid_value"),
        ({"conversation": {"id": "1"}}, 400, "conversation.id", "invalid_value"),
        ({"conversation": 1}, 400, "conversation", "invalid_type"),
        ({"conversation": {}}, 400, "conversation.id", "missing_required_parameter"),
        (
            {"conversation": UNKNOWN, "previous_response_id": "resp_1"},
            400,
            None,
            "mutually_exclusive_parameters",
        ),
    ],
)
def test_a_bad_conversation_of_a_response_is_refused(
    http: httpx2.Client, body: dict[str, Any], status: int, param: str | None, code: str | None
) -> None:
    answer = http.post("/openai/v1/responses", json={"model": MODEL, "input": "Hi", **body})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"], error["code"]) == (status, param, code)


@pytest.mark.parametrize(
    ("param", "path", "body"),
    [
        ("colour", "", {"colour": 1}),
        ("metadata", "", {"metadata": {str(number): "x" for number in range(17)}}),
        ("metadata.a", "", {"metadata": {"a": 1}}),
        ("items", "", {"items": [USER] * 21}),
        ("items[0].content", "", {"items": [{"role": "user"}]}),
        ("items[0]", "", {"items": [{"role": "nobody", "content": "x"}]}),
        (None, "", [1]),
        ("input", "", {"items": [{"type": "item_reference", "id": "msg_1"}]}),
        (None, "", {"items": [{"type": "compaction", "encrypted_content": "x"}]}),
        ("input", "", {"items": [{**USER, "id": "msg_1"}] * 2}),
        ("metadata", f"/{UNKNOWN}", {}),
        ("conversation_id", "/x", {"metadata": {}}),
        ("items", f"/{UNKNOWN}/items", {}),
        ("items", f"/{UNKNOWN}/items", {"items": []}),
        ("items", f"/{UNKNOWN}/items", {"items": [USER] * 21}),
        ("include[0]", f"/{UNKNOWN}/items", {"items": [USER], "include": ["x"]}),
    ],
)
def test_a_bad_body_is_refused(
    http: httpx2.Client, param: str | None, path: str, body: object
) -> None:
    answer = http.post(f"/openai/v1/conversations{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("GET", "", None), ("POST", "", {"items": [USER]}), ("GET", "/msg_1", None)],
)
def test_the_include_of_a_query_is_checked(
    http: httpx2.Client, method: str, path: str, body: object
) -> None:
    address = f"/openai/v1/conversations/{UNKNOWN}/items{path}"
    answer = http.request(method, f"{address}?include[]=x", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "include[0]")
    known = http.request(method, f"{address}?include[]=code_interpreter_call.outputs", json=body)
    assert known.status_code == 404


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "order=up", "after=msg_1"])
def test_a_bad_page_is_refused(v1: openai.OpenAI, http: httpx2.Client, query: str) -> None:
    made = v1.conversations.create(items=[USER])
    answer = http.get(f"/openai/v1/conversations/{made.id}/items?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, query.split("=")[0])


@pytest.mark.parametrize(
    ("method", "below", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"metadata": {}}),
        ("DELETE", "", None),
        ("GET", "/items", None),
        ("POST", "/items", {"items": [USER]}),
        ("GET", "/items/msg_1", None),
        ("DELETE", "/items/msg_1", None),
    ],
)
def test_an_unknown_conversation_is_not_found(
    http: httpx2.Client, method: str, below: str, body: object
) -> None:
    answer = http.request(method, f"/openai/v1/conversations/{UNKNOWN}{below}", json=body)
    assert answer.status_code == 404
    message = f"Conversation with id '{UNKNOWN}' not found."
    assert answer.json()["error"]["message"] == message


def test_no_body_makes_an_empty_conversation(http: httpx2.Client) -> None:
    made = http.post("/openai/v1/conversations").json()
    assert made["metadata"] == {}
    listed = http.get(f"/openai/v1/conversations/{made['id']}/items").json()
    assert listed == {
        "object": "list", "data": [], "first_id": None, "has_more": False, "last_id": None,
    }  # fmt: skip
