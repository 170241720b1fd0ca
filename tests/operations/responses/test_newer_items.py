"""Items of 2026 in the input of Responses: the calls and outputs of tools that the simulator only takes."""

from typing import Any

import openai
import pytest

from tests.support.route_clients import client_on

ROUND: list[dict[str, Any]] = [
    {"type": "shell_call", "call_id": "a", "action": {"commands": ["ls"]}},
    {
        "type": "shell_call_output",
        "call_id": "a",
        "output": [{"stdout": "x", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
    },
    {
        "type": "apply_patch_call",
        "call_id": "b",
        "status": "completed",
        "operation": {"type": "delete_file", "path": "x"},
    },
    {"type": "apply_patch_call_output", "call_id": "b", "status": "completed", "output": "done"},
    {"type": "tool_search_call", "arguments": {"query": "x"}, "execution": "server"},
    {"type": "tool_search_output", "tools": [], "execution": "server"},
]
HELLO: dict[str, Any] = {"type": "message", "role": "user", "content": "Hello"}


def ask(server: str, items: list[dict[str, Any]]) -> Any:
    with client_on("v1", server) as client:
        make: Any = client.responses.create
        answer = make(model="gpt-4.1", input=items)
        return client.responses.input_items.list(answer.id, order="asc").to_dict()["data"]


def test_their_calls_and_outputs_are_kept_as_they_came(server: str) -> None:
    sent = [*ROUND, HELLO]
    kept = ask(server, sent)
    for one, other in zip(ROUND, kept[:-1], strict=True):
        assert other.items() >= one.items()


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"type": "function_call", "call_id": "a", "name": "f", "arguments": {}},
            "Invalid type for 'input[0].arguments': expected a string, but got an object instead.",
        ),
        (
            {"type": "function_call_output", "call_id": "a", "output": [{"type": "input_text"}]},
            "Missing required parameter: 'input[0].output[0].text'.",
        ),
        (
            {"type": "apply_patch_call", "call_id": "a", "status": "completed"},
            "Missing required parameter: 'input[0].operation'.",
        ),
    ],
)
def test_arguments_and_outputs_are_checked_as_ever(
    server: str, item: dict[str, Any], message: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(server, [item, HELLO])
    assert refused.value.body["message"] == message  # type: ignore[index]  # an object


def test_a_refusal_lists_the_types_of_2026(server: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(server, [{"type": "other"}])
    text = str(refused.value.body["message"])  # type: ignore[index]  # an object
    assert text.startswith(
        "Invalid value: 'other'. Supported values are: 'additional_tools', 'agent_message', 'apply_"
    )
    assert text.endswith("'tool_search_call', 'tool_search_output', and 'web_search_call'.")
