"""Custom tools of Responses, which take a text: through the official v1."""

import json
import re
from typing import Any

import openai
import pytest
from openai.types.responses import Response

PATCH: Any = {"type": "custom", "name": "apply_patch", "description": "Changes a file"}
CODE: Any = {
    "type": "custom",
    "name": "code",
    "format": {"type": "grammar", "syntax": "regex", "definition": "[a-c]{3}-[0-9]{2}"},
}
FORCED: Any = {"type": "custom", "name": "apply_patch"}


def create(v1: openai.OpenAI, **parameters: Any) -> Any:
    make: Any = v1.responses.create
    return make(**{"model": "gpt-4.1", "input": "Mend it", "tools": [PATCH], **parameters})


def test_it_is_called_with_a_text(v1: openai.OpenAI) -> None:
    response = create(v1, tool_choice=FORCED)
    Response.model_validate(response.to_dict(), strict=True)
    (call,) = response.output
    assert call.type == "custom_tool_call"
    assert call.name == "apply_patch"
    assert call.id is not None
    assert call.id.startswith("ctc_")
    assert call.input
    (tool,) = response.to_dict()["tools"]
    assert tool == {**PATCH, "format": {"type": "text"}}


def test_a_stream_brings_the_text_piece_by_piece(v1: openai.OpenAI) -> None:
    events = list(create(v1, tool_choice="required", stream=True))
    pieces = [event.delta for event in events if event.type.endswith("input.delta")]
    (done,) = [event for event in events if event.type == "response.custom_tool_call_input.done"]
    assert len(pieces) > 1
    assert "".join(pieces) == done.input
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output[0].input == done.input


def test_a_text_matches_its_regular_expression(v1: openai.OpenAI) -> None:
    (call,) = create(v1, tools=[CODE], tool_choice="required").output
    assert call.type == "custom_tool_call"
    assert re.fullmatch("[a-c]{3}-[0-9]{2}", call.input)


@pytest.mark.parametrize(
    ("definition", "followed"),
    [('start: "go" /[0-9]{2}/ ";"', r"go\d{2};"), ("start: nothing that is known", ".+")],
)
def test_a_text_follows_its_lark_grammar(v1: openai.OpenAI, definition: str, followed: str) -> None:
    tool = {**CODE, "format": {"type": "grammar", "syntax": "lark", "definition": definition}}
    (call,) = create(v1, tools=[tool], tool_choice="required").output
    assert re.fullmatch(followed, call.input)


def test_its_result_ends_the_turn(v1: openai.OpenAI) -> None:
    first = create(v1, tool_choice=FORCED)
    call: Any = first.output[0]
    result: Any = {"type": "custom_tool_call_output", "call_id": call.call_id, "output": "Done"}
    second = create(v1, input=[result], previous_response_id=first.id)
    assert [item.type for item in second.output] == ["message"]
    with pytest.raises(openai.BadRequestError, match="No tool output found for custom tool call"):
        create(v1, previous_response_id=first.id)


def test_a_rule_calls_it_with_the_text_of_your_choice(v1: openai.OpenAI) -> None:
    rule = json.dumps({"call": {"apply_patch": "*** Begin Patch"}})
    response = create(v1, extra_headers={"x-simulator-rule": rule})
    call: Any = response.output[0]
    assert (call.type, call.input) == ("custom_tool_call", "*** Begin Patch")


def test_one_among_allowed_tools_is_called(v1: openai.OpenAI) -> None:
    choice: Any = {"type": "allowed_tools", "mode": "required", "tools": [FORCED]}
    response = create(v1, tools=[CODE, PATCH], tool_choice=choice)
    assert [item.name for item in response.output] == ["apply_patch"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tools": [{**CODE, "format": {"type": "ebnf"}}]}, "Invalid value: 'ebnf'"),
        (
            {"tools": [{**CODE, "format": {**CODE["format"], "syntax": "ebnf"}}]},
            "Invalid value: 'ebnf'. Supported values are: 'lark' and 'regex'.",
        ),
        ({"tool_choice": {"type": "function", "name": "apply_patch"}}, "not found in 'tools'"),
    ],
)
def test_what_is_no_custom_tool_is_refused(
    v1: openai.OpenAI, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=re.escape(message)):
        create(v1, **wrong)


@pytest.mark.parametrize("added", [False, True])
def test_codex_s_reduced_protocol_has_three_kinds_of_tools(v1: openai.OpenAI, added: bool) -> None:
    lite = {"x-openai-internal-codex-responses-lite": "true"}
    search: Any = {"type": "tool_search", "execution": "client"}
    known: Any = {"model": "gpt-5.5", "tools": [PATCH, search]}
    assert create(v1, **known, extra_headers=lite).status == "completed"
    crm: Any = {"type": "namespace", "name": "crm", "description": "Customers", "tools": []}
    item: Any = {"type": "additional_tools", "role": "developer", "tools": [crm]}
    asked = {"input": [item, {"role": "user", "content": "Hello"}]} if added else {"tools": [crm]}
    assert create(v1, **asked).status == "completed"
    with pytest.raises(
        openai.BadRequestError, match="Lite only supports function tools"
    ) as refused:
        create(v1, **asked, extra_headers=lite)
    assert (refused.value.param, refused.value.code) == ("tools", "unsupported_value")
