"""`ANSWER_LENGTH`, which is natural unless it is set, through the client."""

import json
from typing import Any

import openai
import pytest

from simulator.configuration.settings import Settings
from tests.conftest import API_VERSION, KEY, Serve
from tests.support.route_clients import client_on

WHO: Any = [{"role": "user", "content": "Who is there?"}]


def client_of(url: str) -> openai.AzureOpenAI:
    return openai.AzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=API_VERSION, max_retries=0
    )


def test_the_natural_length_is_the_default() -> None:
    assert Settings().answer_length == Settings.from_env({}).answer_length == "natural"


def test_answers_stop_by_themselves_in_all_three_operations(serve: Serve) -> None:
    url = serve(answer_length="natural", answer_tokens_mean=40.0, answer_tokens_std_dev=0.0)
    with client_of(url) as client:
        chat = client.chat.completions.create(model="gpt-4o", messages=WHO, max_tokens=4096)
        assert chat.choices[0].finish_reason == "stop"
        assert chat.usage
        assert chat.usage.completion_tokens == 40
        cut = client.chat.completions.create(model="gpt-4o", messages=WHO, max_tokens=12)
        assert cut.choices[0].finish_reason == "length"
        assert cut.usage
        assert cut.usage.completion_tokens == 12
        text = client.completions.create(
            model="gpt-35-turbo-instruct", prompt="Who?", max_tokens=400
        )
        assert text.choices[0].finish_reason == "stop"
    with client_on("v1", url) as v1:
        response = v1.responses.create(model="gpt-4o", input="Who?", max_output_tokens=4096)
        assert (response.status, response.usage and response.usage.output_tokens) == (
            "completed",
            40,
        )
        cut_short = v1.responses.create(model="gpt-4o", input="Who?", max_output_tokens=16)
        assert cut_short.status == "incomplete"


@pytest.mark.parametrize("stream", [False, True])
def test_max_fills_the_cap(serve: Serve, stream: Any) -> None:
    with client_of(serve(answer_length="max")) as client:
        made: Any = client.chat.completions.create(
            model="gpt-4o", messages=WHO, max_tokens=300, stream=stream
        )
        if stream:
            pieces = [event.choices[0] for event in made if event.choices]
            assert sum(1 for one in pieces if one.delta.content) == 300
            assert pieces[-1].finish_reason == "length"
        else:
            assert made.usage.completion_tokens == 300
            assert made.choices[0].finish_reason == "length"


def test_arguments_are_what_their_names_say(serve: Serve) -> None:
    tool: Any = {
        "type": "function",
        "function": {
            "name": "book_table",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "guest_email": {"type": "string"},
                    "area": {"type": "string", "description": "e.g. Old Town"},
                },
                "required": ["city", "guest_email", "area"],
            },
        },
    }
    with client_of(serve(answer_length="natural")) as client:
        made: Any = client.chat.completions.create(
            model="gpt-4o", messages=WHO, tools=[tool], tool_choice="required", temperature=0
        )
    calls = made.choices[0].message.tool_calls
    assert calls
    assert calls[0].type == "function"
    arguments = json.loads(calls[0].function.arguments)
    assert arguments["area"] == "Old Town"
    assert arguments["guest_email"].endswith("@example.com")
    assert arguments["city"].isalpha()
