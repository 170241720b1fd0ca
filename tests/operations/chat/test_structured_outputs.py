"""Structured outputs in chat completions, with the real client."""

import datetime
import enum
import json
from typing import Any, Literal

import jsonschema
import openai
import pydantic
import pytest
import tiktoken
from hypothesis import given, settings

from tests.conftest import KEY
from tests.support.health_checks import ALL_HEALTH_CHECKS
from tests.support.route_clients import client_on
from tests.support.schema_strategies import schemas

MODEL = "gpt-4o"
ASK: Any = [{"role": "user", "content": "Plan my day"}]

# The client's, as it serializes an object of the user's class in a message that it sends back.
CLIENTS_OWN_WARNING = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")


class Urgency(enum.Enum):
    LOW = "low"
    HIGH = "high"


class Place(pydantic.BaseModel):
    city: str
    country: Literal["FR", "DE"]


class Task(pydantic.BaseModel):
    """Nested, with an enum, an optional, lists, a union and itself."""

    title: str
    minutes: int
    weight: float
    done: bool
    urgency: Urgency
    where: Place | None
    tags: list[str]
    steps: list["Task"]
    at: Place | str


class Flat(pydantic.BaseModel):
    answer: str
    score: int


STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "kind": {"type": "string", "enum": ["漢", "é🙂"]}},
    "required": ["answer", "kind"],
    "additionalProperties": False,
}


def response_format(schema: Any, *, strict: bool | None = None, name: str = "plan") -> Any:
    return {
        "type": "json_schema",
        "json_schema": {"name": name, "schema": schema, "strict": strict},
    }


def create(client: openai.AzureOpenAI, **request: Any) -> Any:
    return client.chat.completions.create(**{"model": MODEL, "messages": ASK, **request})


def refusal(client: openai.AzureOpenAI, **request: Any) -> tuple[str, str | None, str | None]:
    with pytest.raises(openai.BadRequestError) as refused:
        create(client, **request)
    body: Any = refused.value.body
    return body["message"], body.get("param"), body["code"]


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-4.1-mini", "gpt-5"])
def test_parse_gives_an_object_of_the_asked_class(client: openai.AzureOpenAI, model: str) -> None:
    answer = client.chat.completions.parse(model=model, messages=ASK, response_format=Task)
    assert isinstance(answer.choices[0].message.parsed, Task)
    assert answer.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("seed", range(8))
def test_parse_understands_whatever_is_drawn(client: openai.AzureOpenAI, seed: int) -> None:
    answer = client.chat.completions.parse(
        model=MODEL, messages=ASK, response_format=Task, seed=seed
    )
    assert isinstance(answer.choices[0].message.parsed, Task)


def test_parse_understands_dates_and_defaults_where_not_strict(client: openai.AzureOpenAI) -> None:
    class Event(pydantic.BaseModel):
        day: datetime.date
        at: datetime.datetime
        seats: int = pydantic.Field(default=3, ge=1, le=10)

    answer = create(client, response_format=response_format(Event.model_json_schema()))
    Event.model_validate_json(answer.choices[0].message.content)


async def test_parse_works_with_the_asynchronous_client(
    async_client: openai.AsyncAzureOpenAI,
) -> None:
    answer = await async_client.chat.completions.parse(
        model=MODEL, messages=ASK, response_format=Flat
    )
    assert isinstance(answer.choices[0].message.parsed, Flat)


def test_parse_works_on_the_v1_route(server: str) -> None:
    with client_on("v1", server) as client:
        answer = client.chat.completions.parse(model=MODEL, messages=ASK, response_format=Flat)
    assert isinstance(answer.choices[0].message.parsed, Flat)


@CLIENTS_OWN_WARNING
def test_parse_reads_the_arguments_of_a_call_too(client: openai.AzureOpenAI) -> None:
    tool = openai.pydantic_function_tool(Task, name="plan_day")
    message = (
        client.chat.completions.parse(model=MODEL, messages=ASK, tools=[tool]).choices[0].message
    )
    (call,) = message.tool_calls or []
    assert isinstance(call.function.parsed_arguments, Task)
    result = {"role": "tool", "tool_call_id": call.id, "content": "done"}
    assert create(client, messages=[*ASK, message, result], tools=[tool]).choices[0].message.content


@CLIENTS_OWN_WARNING
def test_a_parsed_answer_can_be_sent_back(client: openai.AzureOpenAI) -> None:
    answer = client.chat.completions.parse(model=MODEL, messages=ASK, response_format=Flat)
    messages = [*ASK, answer.choices[0].message, *ASK]
    assert create(client, messages=messages).choices[0].message.content


def test_the_stream_helper_parses_too(client: openai.AzureOpenAI) -> None:
    with client.chat.completions.stream(
        model=MODEL, messages=ASK, response_format=Task, stream_options={"include_usage": True}
    ) as stream:
        deltas = [e.delta for e in stream if e.type == "content.delta" and e.delta]
        final = stream.get_final_completion()
    assert isinstance(final.choices[0].message.parsed, Task)
    assert final.usage is not None
    assert len(deltas) == final.usage.completion_tokens
    assert "".join(deltas) == final.choices[0].message.content


def test_characters_of_several_tokens_are_streamed_whole(client: openai.AzureOpenAI) -> None:
    form = response_format(STRICT, strict=True)
    text = "".join(
        event.choices[0].delta.content or ""
        for event in create(client, response_format=form, seed=1, stream=True)
        if event.choices
    )
    assert text == create(client, response_format=form, seed=1).choices[0].message.content
    jsonschema.validate(json.loads(text), STRICT)


@pytest.mark.parametrize("n", [1, 2])
def test_no_event_is_empty_for_half_a_character(client: openai.AzureOpenAI, n: int) -> None:
    schema = {"type": "object", "properties": {"a": {"const": "𠮷"}}, "required": ["a"]}
    events = create(client, response_format=response_format(schema), stream=True, n=n)
    deltas = [event.choices[0].delta for event in events if event.choices]
    contents = [delta.content for delta in deltas if delta.role is None]
    assert all(contents[:-n])
    assert contents[-n:] == [None] * n


def test_the_tokens_are_those_of_the_text(client: openai.AzureOpenAI) -> None:
    answer = create(client, response_format=response_format(STRICT, strict=True))
    text = answer.choices[0].message.content
    encoding = tiktoken.get_encoding("o200k_base")
    assert answer.usage.completion_tokens == len(encoding.encode(text))


@pytest.mark.parametrize("asked", [60, 200, 800])
def test_an_answer_is_of_about_the_asked_length_and_complete(
    client: openai.AzureOpenAI, asked: int
) -> None:
    answer = create(client, response_format=response_format(STRICT), max_tokens=asked)
    assert answer.choices[0].finish_reason == "stop"
    assert 0.8 * asked <= answer.usage.completion_tokens <= asked
    jsonschema.validate(json.loads(answer.choices[0].message.content), STRICT)


def test_an_answer_that_has_no_room_is_cut(client: openai.AzureOpenAI) -> None:
    answer = create(client, response_format=response_format(STRICT), max_tokens=4)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 4
    with pytest.raises(openai.LengthFinishReasonError):
        client.chat.completions.parse(model=MODEL, messages=ASK, response_format=Task, max_tokens=4)


@pytest.mark.parametrize("fixed", [{"seed": 5}, {"temperature": 0}])
def test_the_same_seed_gives_the_same_object(
    client: openai.AzureOpenAI, fixed: dict[str, Any]
) -> None:
    form = response_format(STRICT)
    first, second = (
        create(client, response_format=form, **fixed).choices[0].message.content for _ in range(2)
    )
    assert first == second


def test_choices_differ(client: openai.AzureOpenAI) -> None:
    choices = create(client, response_format=response_format(STRICT), n=3).choices
    assert len({choice.message.content for choice in choices}) == 3


def test_each_token_of_an_object_has_its_log_probability(client: openai.AzureOpenAI) -> None:
    answer = create(client, response_format=response_format(STRICT), logprobs=True)
    entries = answer.choices[0].logprobs.content
    assert "".join(entry.token for entry in entries) == answer.choices[0].message.content


def test_the_schema_is_part_of_the_prompt(client: openai.AzureOpenAI) -> None:
    text = create(client, max_tokens=1).usage.prompt_tokens
    form = create(client, max_tokens=1, response_format=response_format(STRICT))
    assert form.usage.prompt_tokens > text + 20


def test_a_tool_that_matches_goes_before_the_format(client: openai.AzureOpenAI) -> None:
    tools = [{"type": "function", "function": {"name": "plan_day"}}]
    form = response_format(STRICT)
    called, answered = (
        create(client, tools=tools, tool_choice=choice, response_format=form).choices[0].message
        for choice in ("auto", "none")
    )
    assert called.tool_calls[0].function.name == "plan_day"
    jsonschema.validate(json.loads(answered.content), STRICT)


def test_json_mode_needs_the_word_json(client: openai.AzureOpenAI) -> None:
    form = {"type": "json_object"}
    message, param, _ = refusal(client, response_format=form)
    assert message.startswith("'messages' must contain the word 'json' in some form")
    assert param == "messages"
    parts = [{"type": "text", "text": "As JSON, please"}]
    answer = create(client, response_format=form, messages=[{"role": "user", "content": parts}])
    assert json.loads(answer.choices[0].message.content)


def test_a_schema_beside_another_format_is_not_followed(client: openai.AzureOpenAI) -> None:
    form = {**response_format(STRICT), "type": "text"}
    assert not create(client, response_format=form).choices[0].message.content.startswith("{")


@settings(max_examples=60, deadline=None, suppress_health_check=ALL_HEALTH_CHECKS)
@given(schema=schemas())
def test_an_answer_is_an_instance_of_any_schema(
    client: openai.AzureOpenAI, schema: dict[str, Any]
) -> None:
    whole = {"type": "object", "properties": {"of": schema}, "required": ["of"]}
    whole["$defs"] = schema.get("$defs", {})
    answer = create(client, response_format=response_format(whole))
    assert answer.choices[0].finish_reason == "stop"
    value = json.loads(answer.choices[0].message.content)
    jsonschema.Draft202012Validator(whole).validate(value)


GUIDE = "https://platform.openai.com/docs/guides/structured-outputs"
NOT_WITH_THIS_MODEL = (
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. "
    f"Learn more about supported models at the Structured Outputs guide: {GUIDE}"
)


@pytest.mark.parametrize(
    ("request_", "message", "param", "code"),
    [
        (
            {"response_format": {"type": "json_schema"}},
            "Missing required parameter: 'response_format.json_schema'.",
            "response_format.json_schema",
            "missing_required_parameter",
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {}}},
            "Missing required parameter: 'response_format.json_schema.name'.",
            "response_format.json_schema.name",
            "missing_required_parameter",
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
            "Missing required parameter: 'response_format.json_schema.schema'.",
            "response_format.json_schema.schema",
            "missing_required_parameter",
        ),
        (
            {"response_format": {"type": "yaml"}},
            "Invalid value: 'yaml'. Supported values are: 'json_object', 'json_schema', and 'text'.",
            "response_format.type",
            "invalid_value",
        ),
        (
            {"response_format": response_format(STRICT, name="a plan")},
            (
                "Invalid 'response_format.json_schema.name': string does not match pattern. "
                "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
            ),
            "response_format.json_schema.name",
            "invalid_value",
        ),
        (
            {"response_format": response_format({"type": "array", "items": {}})},
            (
                "Invalid schema for response_format 'plan': schema must be a JSON Schema of "
                "'type: \"object\"', got 'type: \"array\"'."
            ),
            "response_format",
            None,
        ),
        (
            {"response_format": response_format({**STRICT, "required": []}, strict=True)},
            (
                "Invalid schema for response_format 'plan': In context=(), 'required' is required "
                "to be supplied and to be an array including every key in properties. Missing "
                "'answer'."
            ),
            "response_format",
            None,
        ),
        (
            {"model": "gpt-35-turbo", "response_format": response_format(STRICT)},
            NOT_WITH_THIS_MODEL,
            None,
            None,
        ),
        (
            {"model": "gpt-4o-2024-05-13", "response_format": response_format(STRICT)},
            NOT_WITH_THIS_MODEL,
            None,
            None,
        ),
    ],
)
def test_a_wrong_format_is_refused_in_the_services_words(
    client: openai.AzureOpenAI,
    request_: dict[str, Any],
    message: str,
    param: str | None,
    code: str | None,
) -> None:
    assert refusal(client, **request_) == (message, param, code)


def test_a_schema_without_instances_is_reported(client: openai.AzureOpenAI) -> None:
    never = {"type": "object", "properties": {"a": False}, "required": ["a"]}
    message, param, _ = refusal(client, response_format=response_format(never))
    assert message.startswith("Invalid schema for response_format: no instance of it can be made: ")
    assert param == "response_format"


@pytest.mark.parametrize(
    ("version", "refused"), [("2024-06-01", True), ("2024-08-01-preview", False)]
)
def test_schemas_came_with_an_api_version(server: str, version: str, refused: bool) -> None:
    with openai.AzureOpenAI(
        azure_endpoint=server, api_key=KEY, api_version=version, max_retries=0
    ) as client:
        if not refused:
            assert create(client, response_format=response_format(STRICT)).choices
            return
        message, _, code = refusal(client, response_format=response_format(STRICT))
    assert code == "BadRequest"
    assert message == (
        "response_format value as json_schema is enabled only for api versions "
        "2024-08-01-preview and later"
    )
