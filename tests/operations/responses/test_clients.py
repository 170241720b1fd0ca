"""The Responses API through OpenAI's own clients, over a socket, in both route families."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.conftest import KEY, Serve
from tests.operations.responses.instances import function
from tests.support.route_clients import client_on

DATED = "2025-04-01-preview"


@pytest.fixture(params=["v1", DATED])
def responses(server: str, request: pytest.FixtureRequest) -> Iterator[openai.OpenAI]:
    """A client of the v1 routes, and one of the dated ones."""
    if request.param == "v1":
        client = client_on("v1", server)
    else:
        client = openai.AzureOpenAI(
            azure_endpoint=server, api_key=KEY, api_version=DATED, max_retries=0
        )
    with client:
        yield client


@pytest.fixture
async def async_responses(server: str) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{server}/openai/v1/", api_key=KEY, max_retries=0
    ) as client:
        yield client


class Step(BaseModel):
    explanation: str
    result: float | None


class Plan(BaseModel):
    title: str
    steps: list[Step]
    done: bool


def test_a_response_is_made_got_listed_and_deleted(responses: openai.OpenAI) -> None:
    made = responses.responses.create(model="gpt-4o", input="hi", metadata={"a": "b"})
    assert made.output_text
    assert made.usage is not None
    assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
    assert responses.responses.retrieve(made.id) == made
    assert [item.type for item in responses.responses.input_items.list(made.id)] == ["message"]
    responses.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError) as missing:
        responses.responses.retrieve(made.id)
    assert missing.value.body == {
        "message": f"Response with id '{made.id}' not found.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def test_the_stream_helper_puts_the_text_together(responses: openai.OpenAI) -> None:
    with responses.responses.stream(model="gpt-5", input="hi", reasoning={"effort": "low"}) as made:
        text = "".join(event.delta for event in made if event.type == "response.output_text.delta")
        final = made.get_final_response()
    assert final.output_text == text
    assert [item.type for item in final.output] == ["reasoning", "message"]


def test_a_pydantic_model_is_parsed(responses: openai.OpenAI) -> None:
    made = responses.responses.parse(model="gpt-4o", input="Plan my day.", text_format=Plan)
    assert isinstance(made.output_parsed, Plan)


def test_a_streamed_pydantic_model_is_parsed(responses: openai.OpenAI) -> None:
    with responses.responses.stream(model="gpt-4o", input="Plan it.", text_format=Plan) as made:
        final = made.get_final_response()
    assert isinstance(final.output_parsed, Plan)


def test_a_tool_loop_ends_with_a_text(responses: openai.OpenAI) -> None:
    tools: Any = [function("get_weather"), function("get_time")]
    response = responses.responses.create(
        model="gpt-4.1", input="The weather and the time in Rome?", tools=tools
    )
    called: list[str] = []
    while calls := [item for item in response.output if item.type == "function_call"]:
        called += [call.name for call in calls]
        outputs: Any = [
            {"type": "function_call_output", "call_id": call.call_id, "output": "fine"}
            for call in calls
        ]
        response = responses.responses.create(
            model="gpt-4.1", input=outputs, previous_response_id=response.id, tools=tools
        )
    assert called == ["get_weather", "get_time"]
    assert response.output_text


def test_listed_pages_are_turned_by_the_client(responses: openai.OpenAI) -> None:
    items: Any = [{"role": "user", "content": str(number)} for number in range(7)]
    made = responses.responses.create(model="gpt-4o", input=items)
    pages = responses.responses.input_items.list(made.id, limit=3, order="asc")
    shown: list[Any] = list(pages)
    assert [item.content[0].text for item in shown] == list("0123456")


def test_a_background_response_is_polled_until_it_is_done(responses: openai.OpenAI) -> None:
    made = responses.responses.create(model="gpt-4o", input="hi", background=True)
    assert made.status == "queued"
    assert responses.responses.retrieve(made.id).status == "completed"
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a completed response"):
        responses.responses.cancel(made.id)


def test_a_background_stream_is_taken_up_again(responses: openai.OpenAI) -> None:
    with responses.responses.create(
        model="gpt-4o", input="hi", background=True, stream=True
    ) as stream:
        events: list[Any] = list(stream)
    identifier = events[0].response.id
    again = responses.responses.retrieve(identifier, stream=True, starting_after=3)
    assert list(again) == events[4:]


def test_a_slow_background_response_is_cancelled(serve: Serve) -> None:
    url = serve(chat_completions_mean=60_000.0)
    with client_on("v1", url) as client:
        made = client.responses.create(model="gpt-4o", input="hi", background=True)
        assert client.responses.cancel(made.id).status == "cancelled"
        assert client.responses.retrieve(made.id).status == "cancelled"


async def test_the_asynchronous_client_does_it_all_too(
    async_responses: openai.AsyncOpenAI,
) -> None:
    client = async_responses.responses
    made = await client.create(model="gpt-5-mini", input="hi")
    parsed = await client.parse(
        model="gpt-5-mini", input="Plan it.", text_format=Plan, previous_response_id=made.id
    )
    assert isinstance(parsed.output_parsed, Plan)
    types = [event.type async for event in await client.create(
        model="gpt-4o", input="hi", stream=True, previous_response_id=parsed.id
    )]  # fmt: skip
    assert types[-1] == "response.completed"
    assert [item.type async for item in client.input_items.list(parsed.id, order="asc")] == [
        "message",
        "reasoning",
        "message",
        "message",
    ]
    await client.delete(made.id)
    with pytest.raises(openai.BadRequestError, match="Previous response with id"):
        await client.create(model="gpt-4o", input="hi", previous_response_id=made.id)


def test_a_model_without_responses_is_refused(responses: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="requested operation is unsupported"):
        responses.responses.create(model="gpt-35-turbo", input="hi")


def test_an_older_api_version_is_refused(server: str) -> None:
    with (
        openai.AzureOpenAI(
            azure_endpoint=server, api_key=KEY, api_version="2024-10-21", max_retries=0
        ) as client,
        pytest.raises(openai.BadRequestError, match="2025-03-01-preview and later"),
    ):
        client.responses.create(model="gpt-4o", input="hi")
