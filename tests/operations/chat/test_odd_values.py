"""Values of parameters that chat and completions refuse, with the service's words as users report them."""

import base64
import io
import wave
from typing import Any

import pytest

from tests.conftest import API_VERSION, MakeSimulator
from tests.support.asking import Reply, ask, route

HELLO = [{"role": "user", "content": "Hi"}]
PREVIEW = "2025-04-01-preview"
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
INTEGERS = "You should only be submitting non-negative integers."

# The members, and what comes: message, param, code.
REFUSED: list[tuple[dict[str, Any], tuple[str, str | None, str | None]]] = [
    (
        {"logit_bias": {"AI": 1}},
        (f"Invalid key in 'logit_bias': AI. {INTEGERS}", "logit_bias", None),
    ),
    (
        {"logit_bias": {"-1": 1}},
        (f"Invalid key in 'logit_bias': -1. {INTEGERS}", "logit_bias", None),
    ),
    (
        {"logit_bias": {"200000": 1}},
        ("Invalid key in 'logit_bias': 200000. Maximum value is 199999.", "logit_bias", None),
    ),
    (
        {"metadata": {"a": "b"}},
        ("The 'metadata' parameter is only allowed when 'store' is enabled.", "metadata", None),
    ),
    (
        {"metadata": {"a": "b"}, "store": False},
        ("The 'metadata' parameter is only allowed when 'store' is enabled.", "metadata", None),
    ),
    (
        {"verbosity": "low"},
        (
            (
                "Unsupported value: 'verbosity' does not support 'low' with this model. Supported "
                "values are: 'medium'."
            ),
            "verbosity",
            "unsupported_value",
        ),
    ),
    (
        {"prompt_cache_retention": "1h"},
        (
            "Invalid value: '1h'. Supported values are: 'in_memory' and '24h'.",
            "prompt_cache_retention",
            "invalid_value",
        ),
    ),
    (
        {"prediction": {"type": "text", "content": "x"}},
        (
            "Invalid value: 'text'. Supported values are: 'content'.",
            "prediction.type",
            "invalid_value",
        ),
    ),
    (
        {"prediction": {"type": "content"}},
        (
            "Missing required parameter: 'prediction.content'.",
            "prediction.content",
            "missing_required_parameter",
        ),
    ),
]
TAKEN: list[dict[str, Any]] = [
    {"logit_bias": {"0": 1, "199999": -100}},
    {"metadata": {"a": "b"}, "store": True},
    {"metadata": {}},
    {"verbosity": "medium"},
    {"prompt_cache_retention": "in_memory"},
    {"prompt_cache_retention": "24h"},
    {"prediction": {"type": "content", "content": "x"}},
    {"prediction": {"type": "content", "content": [{"type": "text", "text": "x"}]}},
]


async def chat(
    make_simulator: MakeSimulator, deployment: str = "gpt-4o", version: str = PREVIEW, **body: Any
) -> Reply:
    whole = {"messages": HELLO, "max_completion_tokens": 50, **body}
    path = route("chat/completions", deployment)
    return await ask(make_simulator(), path, whole, query=f"api-version={version}")


@pytest.mark.parametrize(("members", "error"), REFUSED)
async def test_an_odd_value_is_refused(
    make_simulator: MakeSimulator, members: dict[str, Any], error: Any
) -> None:
    reply = await chat(make_simulator, **members)
    assert (reply.status, reply.error) == (400, error)


@pytest.mark.parametrize("members", TAKEN)
async def test_its_neighbour_is_taken(
    make_simulator: MakeSimulator, members: dict[str, Any]
) -> None:
    assert (await chat(make_simulator, **members)).status == 200


VERBOSITIES = {
    "gpt-4.1": ["medium"],
    "o3": ["medium"],
    "gpt-5": ["low", "medium", "high"],
    "gpt-5-mini": ["low", "medium", "high"],
    "gpt-5-chat": ["medium"],
    "gpt-5.1": ["low", "medium", "high"],
    "gpt-5.4": ["low", "medium", "high"],
    "gpt-6-sol": ["low", "medium", "high"],
}


@pytest.mark.parametrize("model", VERBOSITIES)
async def test_each_model_has_its_verbosities_in_both_apis(
    make_simulator: MakeSimulator, model: str
) -> None:
    simulator = make_simulator()
    for verbosity in ("low", "medium", "high"):
        taken = 200 if verbosity in VERBOSITIES[model] else 400
        assert (await chat(make_simulator, model, verbosity=verbosity)).status == taken
        body = {"model": model, "input": "Hi", "text": {"verbosity": verbosity}}
        reply = await ask(simulator, "/openai/v1/responses", body, query="")
        assert reply.status == taken
        assert taken == 200 or reply.error == (
            (
                f"Unsupported value: '{verbosity}' is not supported with the '{model}' model. "
                "Supported values are: 'medium'."
            ),
            "text.verbosity",
            "unsupported_value",
        )


async def test_a_model_that_reasons_takes_no_prediction(make_simulator: MakeSimulator) -> None:
    prediction = {"type": "content", "content": "x"}
    reply = await chat(make_simulator, "gpt-5-mini", prediction=prediction)
    assert reply.error == (
        "Unsupported parameter: 'prediction' is not supported with this model.",
        "prediction",
        "unsupported_parameter",
    )


async def test_a_prediction_needs_its_api_version(make_simulator: MakeSimulator) -> None:
    prediction = {"type": "content", "content": "x"}
    reply = await chat(make_simulator, version=API_VERSION, prediction=prediction)
    assert reply.json == {
        "error": {
            "code": "BadRequest",
            "message": "Prediction is enabled only for api versions 2025-01-01-preview and later",
        }
    }


async def test_completions_know_the_tokens_of_their_model(make_simulator: MakeSimulator) -> None:
    for key, why in (("x", INTEGERS), ("100258", "Maximum value is 100257.")):
        body = {"prompt": "Hi", "logit_bias": {key: 1}, "max_tokens": 2}
        path = route("completions", "gpt-35-turbo-instruct")
        reply = await ask(make_simulator(), path, body)
        assert reply.error == (f"Invalid key in 'logit_bias': {key}. {why}", "logit_bias", None)


@pytest.mark.parametrize("path", ["chat/completions", "completions"])
async def test_both_refuse_what_is_for_streams_alone_and_long_names_of_users(
    make_simulator: MakeSimulator, path: str
) -> None:
    simulator = make_simulator()
    model = "gpt-4o" if path.startswith("chat") else "gpt-35-turbo-instruct"
    body = {"messages": HELLO} if path.startswith("chat") else {"prompt": "Hi"}
    options = await ask(simulator, route(path, model), {**body, "stream_options": {}})
    message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    assert options.error == (message, "stream_options", None)
    user = await ask(simulator, route(path, model), {**body, "user": "x" * 65})
    assert user.error[1:] == ("user", "string_above_max_length")


async def test_an_image_for_a_model_without_eyes_is_found_where_it_stands(
    make_simulator: MakeSimulator,
) -> None:
    parts = [{"type": "text", "text": "What is it?"}, IMAGE]
    messages = [*HELLO, {"role": "user", "content": parts}]
    reply = await chat(
        make_simulator, "gpt-35-turbo", max_tokens=5, max_completion_tokens=None, messages=messages
    )
    assert reply.error == (
        "Invalid content type. image_url is only supported by certain models.",
        "messages.[1].content.[1].type",
        None,
    )


def sound(seconds: float) -> dict[str, Any]:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(8_000)
        written.writeframes(bytes(int(seconds * 16_000)))
    data = base64.b64encode(file.getvalue()).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


async def test_a_model_that_hears_takes_no_images(make_simulator: MakeSimulator) -> None:
    messages = [*HELLO, {"role": "user", "content": [sound(1), IMAGE]}]
    reply = await chat(make_simulator, "gpt-4o-audio-preview", messages=messages)
    assert reply.error == (
        "This model does not support image_url content.",
        "messages[1].content",
        "invalid_value",
    )


@pytest.mark.parametrize(("seconds", "tokens"), [(6.95, 69), (1, 10), (0.04, 0)])
async def test_sound_costs_ten_tokens_a_second(
    make_simulator: MakeSimulator, seconds: float, tokens: int
) -> None:
    text = {"type": "text", "text": "Hi"}

    async def usage(*parts: dict[str, Any]) -> Any:
        model = "gpt-4o-audio-preview" if parts else "gpt-4o"
        messages = [{"role": "user", "content": [text, *parts]}]
        reply = await chat(make_simulator, model, messages=messages)
        return reply.json["usage"]

    silent, heard = await usage(), await usage(sound(seconds))
    assert heard["prompt_tokens"] - silent["prompt_tokens"] == tokens
    assert heard["prompt_tokens_details"]["audio_tokens"] == tokens


async def test_sound_that_cannot_be_played_costs_nothing(make_simulator: MakeSimulator) -> None:
    part = {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}}
    for data in ("aGk=", "no base64!"):
        part["input_audio"] = {"data": data, "format": "wav"}
        messages = [{"role": "user", "content": [part]}]
        reply = await chat(make_simulator, "gpt-4o-audio-preview", messages=messages)
        assert reply.json["usage"]["prompt_tokens_details"]["audio_tokens"] == 0
