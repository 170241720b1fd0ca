"""Tools in namespaces, deferred tools and those that items bring: through the official v1."""

from typing import Any

import openai
import pytest
from openai.types.responses import Response


def function(name: str, description: str = "", **members: Any) -> Any:
    parameters = {"type": "object", "properties": {"customer": {"type": "string"}}}
    return {
        "type": "function", "name": name, "description": description, "parameters": parameters,
        **members,
    }  # fmt: skip


ORDERS = function("list_open_orders", "List the open orders of a customer", defer_loading=True)
PROFILE = function("get_profile", "Fetch the profile of a customer")
CRM: Any = {
    "type": "namespace",
    "name": "crm",
    "description": "Customers",
    "tools": [PROFILE, ORDERS],
}
SEARCH: Any = {"type": "tool_search"}
CLIENT: Any = {
    "type": "tool_search",
    "execution": "client",
    "description": "Find tools for a goal",
    "parameters": {
        "type": "object", "properties": {"goal": {"type": "string"}}, "required": ["goal"],
    },
}  # fmt: skip


def create(v1: openai.OpenAI, **parameters: Any) -> Any:
    make: Any = v1.responses.create
    asked = {"model": "gpt-5.5", "input": "Get the profile", "reasoning": {"effort": "none"}}
    response = make(**{**asked, **parameters})
    if isinstance(response, Response):
        Response.model_validate(response.to_dict(), strict=True)
    return response


def kinds(response: Any) -> list[str]:
    return [item.type for item in response.output]


def test_a_function_of_a_namespace_is_called_with_its_name(v1: openai.OpenAI) -> None:
    response = create(v1, tools=[CRM])
    (call,) = response.output
    assert (call.type, call.namespace, call.name) == ("function_call", "crm", "get_profile")
    assert response.to_dict()["tools"] == [CRM]
    plain = create(v1, tools=[PROFILE]).to_dict()["output"][0]
    assert "namespace" not in plain


def test_what_is_deferred_is_searched_for_and_then_called(v1: openai.OpenAI) -> None:
    response = create(v1, tools=[CRM, SEARCH], input="List the open orders")
    search, found, call = response.output
    assert kinds(response) == ["tool_search_call", "tool_search_output", "function_call"]
    for item in (search, found):
        assert (item.execution, item.call_id, item.status) == ("server", None, "completed")
    assert search.arguments == {"paths": ["crm"]}
    assert [tool.to_dict() for tool in found.tools] == [{**CRM, "tools": [ORDERS]}]
    assert (call.namespace, call.name) == ("crm", "list_open_orders")
    alone = create(v1, tools=[ORDERS, SEARCH], input="List the open orders")
    assert alone.output[0].arguments == {"paths": ["list_open_orders"]}
    assert [tool.to_dict() for tool in alone.output[1].tools] == [ORDERS]
    ready = create(v1, tools=[CRM, SEARCH])
    assert kinds(ready) == ["function_call"]


def test_a_round_with_a_search_goes_on(v1: openai.OpenAI) -> None:
    first = create(v1, tools=[CRM, SEARCH], input="List the open orders")
    result = {"type": "function_call_output", "call_id": first.output[-1].call_id, "output": "2"}
    after = create(v1, tools=[CRM, SEARCH], input=[result], previous_response_id=first.id)
    assert kinds(after) == ["message"]
    items = [item.to_dict() for item in first.output]
    again = create(
        v1, tools=[CRM, SEARCH], input=[{"role": "user", "content": "Hi"}, *items, result]
    )
    assert kinds(again) == ["message"]


def test_a_client_searches_itself(v1: openai.OpenAI) -> None:
    asked: Any = {"role": "user", "content": "Find the tools for the open orders"}
    first = create(v1, tools=[CLIENT], input=[asked])
    (search,) = first.output
    assert (search.type, search.execution) == ("tool_search_call", "client")
    assert search.call_id.startswith("call_")
    assert isinstance(search.arguments["goal"], str)
    output = {
        "type": "tool_search_output", "execution": "client", "status": "completed",
        "call_id": search.call_id, "tools": [ORDERS],
    }  # fmt: skip
    after = create(v1, tools=[CLIENT], input=[asked, search.to_dict(), output])
    assert [item.name for item in after.output] == ["list_open_orders"]


def test_items_bring_tools(v1: openai.OpenAI) -> None:
    added: Any = {"type": "additional_tools", "role": "developer", "tools": [CRM, {"type": "new"}]}
    (call,) = create(v1, input=[added, {"role": "user", "content": "Get the profile"}]).output
    assert (call.namespace, call.name) == ("crm", "get_profile")


def test_a_stream_of_a_search_has_whole_items(v1: openai.OpenAI) -> None:
    events = list(create(v1, tools=[CRM, SEARCH], input="List the open orders", stream=True))
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert [item.type for item in done] == kinds(events[-1].response)
    assert done[-1].namespace == "crm"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "gpt-5.2", "tools": [SEARCH]}, "'tool_search' is not supported with gpt-5.2"),
        ({"tools": [{**CRM, "name": "a b"}]}, "Invalid 'tools.0..name'"),
        ({"tools": [{**CRM, "tools": [function("a b")]}]}, "Invalid 'tools.0..tools.0..name'"),
        ({"tools": [{**SEARCH, "execution": "x"}]}, "Supported values are: 'server' and 'client'"),
    ],
)
def test_what_is_no_such_tool_is_refused(v1: openai.OpenAI, parameters: Any, message: str) -> None:
    with pytest.raises(openai.BadRequestError, match=message):
        create(v1, **parameters)
