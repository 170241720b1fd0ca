"""Responses of several agents, through the official beta client."""

import json
from typing import Any

import openai
import pytest
from openai.types.beta import BetaResponse

MANY: Any = {"enabled": True}
PREVIEW = {"api-version": "preview"}


def create(v1: openai.OpenAI, **parameters: Any) -> Any:
    make: Any = v1.beta.responses.create
    asked = {"model": "gpt-5.6-sol", "input": "Use two subagents.", "multi_agent": MANY}
    return make(**{**asked, **parameters}, extra_query=PREVIEW)


def agents(response: Any, kind: str) -> list[str]:
    return [item.agent.agent_name for item in response.output if item.type == kind]


def test_subagents_report_before_the_root_answers(v1: openai.OpenAI) -> None:
    response = create(v1)
    BetaResponse.model_validate(response.to_dict(), strict=True)
    assert agents(response, "multi_agent_call") == ["/root", "/root"]
    assert agents(response, "message") == ["/root/agent_1", "/root/agent_2", "/root"]
    calls = [item for item in response.output if item.type == "multi_agent_call"]
    results = [item for item in response.output if item.type == "multi_agent_call_output"]
    assert [call.call_id for call in calls] == [result.call_id for result in results]
    named = [json.loads(result.output[0].text)["task_name"] for result in results]
    assert named == ["/root/agent_1", "/root/agent_2"]
    sent = [item for item in response.output if item.type == "agent_message"]
    assert [(item.author, item.recipient) for item in sent] == [(name, "/root") for name in named]
    assert response.output[-1].phase == "final_answer"


@pytest.mark.parametrize(
    ("text", "most", "made"),
    [
        ("Tell me a joke", None, 0),
        ("Delegate this", None, 2),
        ("Ask 5 agents", None, 3),
        ("Ask five careful agents", 4, 4),
        ("Do it in parallel", 1, 1),
    ],
)
def test_the_user_says_how_many_there_are(
    v1: openai.OpenAI, text: str, most: int | None, made: int
) -> None:
    asked = {**MANY, "max_concurrent_subagents": most} if most else MANY
    response = create(v1, input=text, multi_agent=asked)
    assert len(agents(response, "agent_message")) == made
    assert agents(response, "message")[-1] == "/root"


def test_they_keep_to_the_tokens_of_the_response(v1: openai.OpenAI) -> None:
    asked: Any = {"reasoning": {"effort": "none"}, "max_output_tokens": 60}
    response = create(v1, **asked)
    assert agents(response, "message") == ["/root/agent_1", "/root"]
    assert response.usage.output_tokens <= 60


def test_a_stream_names_the_agent_of_each_event(v1: openai.OpenAI) -> None:
    events = list(create(v1, stream=True))
    owned = [event for event in events if hasattr(event, "output_index")]
    items = events[-1].response.output
    named = [event.agent.agent_name for event in owned]
    assert named == [items[event.output_index].agent.agent_name for event in owned]
    assert set(named) == {"/root", "/root/agent_1", "/root/agent_2"}
    texts = ["", "", ""]
    places = [index for index, item in enumerate(items) if item.type == "message"]
    for event in events:
        if event.type == "response.output_text.delta":
            texts[places.index(event.output_index)] += event.delta
    assert texts == [items[place].content[0].text for place in places]


def test_a_conversation_goes_on_with_its_items(v1: openai.OpenAI) -> None:
    first = create(v1)
    after = create(v1, input="And?", previous_response_id=first.id)
    assert agents(after, "message") == ["/root"]
    items = [item.to_dict() for item in first.output]
    again = create(v1, input=[*items, {"role": "user", "content": "And?"}])
    assert agents(again, "message") == ["/root"]
    kept = v1.beta.responses.input_items.list(again.id, order="asc", limit=50)
    shown = [item.to_dict() for item in kept]
    assert [item.get("agent") for item in shown[:-1]] == [item["agent"] for item in items]


def test_a_message_of_another_resource_is_refused(v1: openai.OpenAI) -> None:
    content = [{"type": "encrypted_content", "encrypted_content": "gAAAAABmine"}]
    sent = {"type": "agent_message", "author": "/root/a", "recipient": "/root", "content": content}
    with pytest.raises(openai.BadRequestError, match="could not be verified"):
        create(v1, input=[sent])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "gpt-5.5"}, "'multi_agent' is not supported with this model"),
        ({"reasoning": {"summary": "auto"}}, "'reasoning.summary' is not supported when"),
        ({"max_tool_calls": 1}, "'max_tool_calls' is not supported when"),
        ({"multi_agent": {"enabled": "yes"}}, "Invalid type for 'multi_agent.enabled'"),
    ],
)
def test_what_does_not_go_with_it_is_refused(
    v1: openai.OpenAI, parameters: Any, message: str
) -> None:
    with pytest.raises(openai.BadRequestError, match=message):
        create(v1, **parameters)


def test_only_the_preview_knows_it(v1: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Unknown parameter: 'multi_agent'"):
        v1.beta.responses.create(model="gpt-5.6-sol", input="Hi", multi_agent=MANY)


def test_one_agent_alone_is_not_named(v1: openai.OpenAI) -> None:
    response = create(v1, multi_agent={"enabled": False})
    assert [item.agent for item in response.output] == [None, None]
