"""What people build with OpenAI's own client, in both families of routes."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest
from PIL import Image
from pydantic import BaseModel

from tests.support.audio_files import silence

TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "get_weather",
            "description": "The weather at a place",
            "parameters": {
                "type": "object",
                "properties": {"place": {"type": "string"}},
                "required": ["place"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "get_time",
            "description": "The time in a zone",
            "parameters": {
                "type": "object",
                "properties": {"zone": {"type": "string"}, "hours": {"enum": [12, 24]}},
                "required": ["zone", "hours"],
            },
        },
    },
]
FUNCTIONS: dict[str, Callable[..., str]] = {
    "get_weather": lambda place: f"It rains in {place}.",
    "get_time": lambda zone, hours: f"It is noon in {zone}, of {hours} hours.",
}
PAGES = [
    "Cats sleep in the sun and hunt mice at night.",
    "An invoice is paid within thirty days of its date.",
    "The train to Oslo leaves from platform four.",
]
ASK: Any = [{"role": "user", "content": "Tell me about lamps."}]


class Step(BaseModel):
    explanation: str
    minutes: int


class Recipe(BaseModel):
    name: str
    steps: list[Step]
    vegetarian: bool | None


def test_an_answer_costs_what_its_parts_cost(either: openai.OpenAI) -> None:
    made = either.chat.completions.create(model="gpt-4o", messages=ASK, max_tokens=20)
    assert made.usage is not None
    assert made.usage.completion_tokens == 20
    assert made.usage.total_tokens == made.usage.prompt_tokens + 20
    assert made.choices[0].finish_reason == "length"


def test_the_stream_helper_puts_an_answer_together(either: openai.OpenAI) -> None:
    with either.chat.completions.stream(
        model="gpt-4o", messages=ASK, stream_options={"include_usage": True}
    ) as stream:
        text = "".join(event.delta for event in stream if event.type == "content.delta")
        final = stream.get_final_completion()
    assert final.choices[0].message.content == text
    assert final.usage is not None


def test_a_streamed_structured_output_is_parsed(either: openai.OpenAI) -> None:
    with either.chat.completions.stream(
        model="gpt-4o", messages=ASK, response_format=Recipe
    ) as stream:
        parts = [event.parsed for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert isinstance(final.choices[0].message.parsed, Recipe)
    assert len(parts) > 1


def test_an_agent_calls_two_tools_and_then_answers(either: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": "The weather and the time in Rome?"}]
    called: list[str] = []
    for _ in range(5):
        made = either.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)
        message = made.choices[0].message
        messages.append(message)
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            assert call.type == "function"
            result = FUNCTIONS[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
            called.append(call.function.name)
    assert called == ["get_weather", "get_time"]
    assert messages[-1].content


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("When do cats hunt mice?", 0),
        ("By when is an invoice to be paid?", 1),
        ("Which platform is the train to Oslo on?", 2),
    ],
)
def test_the_page_that_is_asked_about_is_found_and_read(
    either: openai.OpenAI, question: str, page: int
) -> None:
    made = either.embeddings.create(model="text-embedding-3-small", input=[*PAGES, question])
    *vectors, wanted = [item.embedding for item in made.data]
    closeness = [sum(a * b for a, b in zip(vector, wanted, strict=True)) for vector in vectors]
    found = max(range(len(PAGES)), key=closeness.__getitem__)
    assert found == page
    prompt = f"Answer from this page: {PAGES[found]}\n{question}"
    answer = either.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": prompt}]
    )
    assert answer.choices[0].message.content


def test_speech_is_written_down(either: openai.OpenAI) -> None:
    made = either.audio.transcriptions.create(model="my-whisper", file=("a.wav", silence(12)))
    assert len(made.text.split()) == 30


def test_an_image_is_fetched_from_its_url(either: openai.OpenAI) -> None:
    made = either.images.generate(model="my-dall-e-3", prompt="A lamp", size="1024x1792")
    assert made.data is not None
    fetched = httpx2.get(made.data[0].url or "")
    assert Image.open(io.BytesIO(fetched.content)).size == (1024, 1792)


def test_a_legacy_completion_is_streamed(either: openai.OpenAI) -> None:
    stream = either.completions.create(
        model="gpt-3.5-turbo-instruct", prompt="Once", stream=True, max_tokens=9
    )
    choices = [event.choices[0] for event in stream if event.choices]
    assert "".join(choice.text for choice in choices)
    assert choices[-1].finish_reason == "length"


def test_a_model_is_found(either: openai.OpenAI) -> None:
    assert either.models.retrieve("gpt-4o").id == "gpt-4o"
    assert "gpt-4o" in {model.id for model in either.models.list()}


async def test_the_asynchronous_client_streams(either_async: openai.AsyncOpenAI) -> None:
    stream = await either_async.chat.completions.create(
        model="gpt-5-mini", messages=ASK, stream=True, stream_options={"include_usage": True}
    )
    events = [event async for event in stream]
    assert events[-1].usage is not None
    assert events[-1].usage.completion_tokens_details is not None
    assert events[-1].usage.completion_tokens_details.reasoning_tokens


async def test_the_asynchronous_client_parses(either_async: openai.AsyncOpenAI) -> None:
    made = await either_async.chat.completions.parse(
        model="gpt-4o", messages=ASK, response_format=Recipe
    )
    assert isinstance(made.choices[0].message.parsed, Recipe)


async def test_the_asynchronous_client_embeds(either_async: openai.AsyncOpenAI) -> None:
    made = await either_async.embeddings.create(model="text-embedding-3-large", input="a")
    assert len(made.data[0].embedding) == 3072


@pytest.mark.parametrize(
    ("request_body", "refused"),
    [
        ({"temperature": 3}, openai.BadRequestError),
        ({"messages": "hi"}, openai.BadRequestError),
        ({"model": "text-embedding-3-small"}, openai.BadRequestError),
        (
            {"extra_headers": {"Authorization": "Bearer x", "api-key": "x"}},
            openai.AuthenticationError,
        ),
    ],
)
def test_a_refusal_is_the_clients_exception(
    either: openai.OpenAI, request_body: dict[str, Any], refused: type[openai.APIStatusError]
) -> None:
    with pytest.raises(refused) as raised:
        either.chat.completions.create(**{"model": "gpt-4o", "messages": ASK, **request_body})
    assert isinstance(raised.value.body, dict)
    assert raised.value.body["message"]
