"""A chat request: read, checked and counted."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, structs

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import Model, routed_model
from simulator.errors import InvalidRequest, RefusedByMaker, UnknownArguments
from simulator.operations.answer_size import check_answer_size
from simulator.operations.base import Target
from simulator.operations.chat.checks import check_chat, check_simple
from simulator.operations.chat.data_sources import check_data_sources
from simulator.operations.chat.message_checks import reworded
from simulator.operations.chat.parameters import (
    INFERENCE_MEMBERS,
    ChatParameters,
    StreamOptions,
    are_simple,
)
from simulator.operations.chat.prompt import plain_texts, read_prompt
from simulator.operations.chat.room import PromptSize, room_for_answer
from simulator.operations.chat.spoken import check_spoken
from simulator.operations.chat.tools import called_tools, definition_tokens, tools_of
from simulator.operations.model_checks import unknown_parameter
from simulator.operations.resources import Resources
from simulator.operations.service_tier import check_tier, served_tier
from simulator.synthesis.tool_selection import Tool
from simulator.tokens.tokenizer import MessageText, Tokenizer
from simulator.wire.body import Body
from simulator.wire.inference import is_inference, known_body
from simulator.wire.wordings import Wordings

_BODY = Body(
    ChatParameters,
    # Reported by users of OpenAI's API (2025-04 to 2026-09), which has the same checks.
    Wordings(
        kinds={
            "functions": "an array of function definitions",
            "metadata": "a metadata object",
            "prompt_cache_retention": "one of 'in_memory' or '24h'",
        },
        values={
            "messages[].content[].type": [
                "text",
                "image_url",
                "input_audio",
                "refusal",
                "audio",
                "file",
            ],
            "prompt_cache_retention": ("in_memory", "24h"),
        },
    ),
)


class Chat(Struct, frozen=True):
    """A chat request that has passed all checks, with what its prompt comes to."""

    parameters: ChatParameters
    model: Model
    prompt_characters: int
    prompt_tokens: int
    heard_tokens: int
    """The prompt tokens that are sound."""
    room: int
    """Tokens that an answer may have."""
    seed: str | None
    """The seed of the text, for a client that wants the same text again."""
    asked: int | None
    """The most tokens that each choice may have; None: as many as come."""
    choices: int
    simple: bool
    """Its parameters `are_simple`, and its messages plain texts: as most requests are."""
    images: tuple[int, ...] = ()
    """The places of its images among the parts of the prompt."""
    calls: tuple[Tool, ...] = ()
    """The tools to call; none of them: the answer is a text."""


def read_chat(target: Target, resources: Resources) -> Chat:
    """Return the request with its counts; raises `ApiError` for what the service refuses."""
    try:
        return _read(target, resources)
    except UnknownArguments as error:
        if not target.model.maker_shape:
            raise
        raise RefusedByMaker(error.message, code="unrecognized_request_argument") from None


def _read(target: Target, resources: Resources) -> Chat:
    named, tokenizer = target.model, resources.tokenizer
    parameters, model = _routed(_decoded(target), named, len(target.request.body))
    plain, common = plain_texts(parameters.messages), are_simple(parameters)
    if common:
        check_simple(parameters, model, target.feature_version, plain=plain is not None)
    else:
        _check(parameters, model, target, resources)
    simple = common and plain is not None
    check_spoken(parameters, model, silent=simple)
    prompt = read_prompt(parameters.messages, plain, model, tokenizer)
    tools = () if common else tools_of(parameters)
    size = PromptSize(prompt.tokens)
    if not common:
        size = _with_definitions(size, parameters, tools, model=model, tokenizer=tokenizer)
    asked, choices, window = parameters.asked_tokens, parameters.choices, target.context_window
    return Chat(
        parameters,
        model,
        prompt_characters=prompt.characters,
        prompt_tokens=size.tokens,
        heard_tokens=prompt.heard,
        room=_room(parameters, size, named, window, asked=asked, choices=choices),
        seed=_seed(parameters, asked, prompt.texts),
        asked=asked,
        choices=choices,
        simple=simple,
        images=prompt.images,
        calls=called_tools(parameters, tools) if tools else (),
    )


_LEFT_OUT = (
    "temperature",
    "top_p",
    "presence_penalty",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "top_logprobs",
)


def _routed(parameters: ChatParameters, named: Model, length: int) -> tuple[ChatParameters, Model]:
    """Return the model that answers and what it gets: a router leaves out what the chosen model does not
    take (Microsoft's page on the model router, 2025-11 to 2026-09; `max_tokens`, which its examples send,
    by analogy)."""
    if not named.routes_to:
        return parameters, named
    model = routed_model(named, length)
    capabilities = capabilities_of(model)
    changes: dict[str, Any] = {}
    effort = parameters.reasoning_effort
    untimely = bool(parameters.tools) and capabilities.tools_in_chat != "always"
    if effort is not None and (effort not in capabilities.efforts or untimely):
        changes["reasoning_effort"] = None
    if model.reasoning:
        changes |= dict.fromkeys(_LEFT_OUT)
        cap = parameters.max_completion_tokens or parameters.max_tokens
        changes |= {"max_tokens": None, "max_completion_tokens": cap}
    if not capabilities.stop:
        changes["stop"] = None
    return structs.replace(parameters, **changes), model


def _check(parameters: ChatParameters, model: Model, target: Target, resources: Resources) -> None:
    check_chat(parameters, model, target.feature_version, resources.schema_checks)
    check_tier(parameters.service_tier, model, target.deployment)
    check_data_sources(parameters, model, served=resources.on_your_data)


def tier_of(chat: Chat, deployment: Deployment | None) -> str:
    """The service tier that serves it."""
    asked, tokens = chat.parameters.service_tier, chat.prompt_tokens
    return served_tier(asked, chat.model, deployment, prompt_tokens=tokens)


def logprobs_of(parameters: ChatParameters) -> int | None:
    """The number of likeliest tokens beside each one; None: not requested."""
    return (parameters.top_logprobs or 0) if parameters.logprobs else None


def _with_definitions(
    size: PromptSize,
    parameters: ChatParameters,
    tools: Sequence[Tool],
    *,
    model: Model,
    tokenizer: Tokenizer,
) -> PromptSize:
    """The size of a prompt with its tools and the answer's schema, if there are any."""
    if not tools and parameters.response_format is None:
        return size
    return PromptSize(size.messages, definition_tokens(parameters, tools, model, tokenizer))


def _decoded(target: Target) -> ChatParameters:
    """The parameters. With Azure AI Inference, models of other makers report their usage in every stream."""
    request, body, inference = target.request, target.request.body, is_inference(target.request)
    others = inference and target.model.maker != "OpenAI"
    if inference:
        passed = ChatParameters.__struct_fields__ if others else None
        body = known_body(request, INFERENCE_MEMBERS, passed)
    try:
        parameters = _BODY.decode(body)
    except UnknownArguments as error:
        if target.model.reasoning and not target.model.maker_shape:
            raise unknown_parameter(error.names[0]) from None
        raise
    except InvalidRequest as error:
        raise reworded(error, body) from None
    if others and parameters.stream and parameters.stream_options is None:
        return structs.replace(parameters, stream_options=StreamOptions(include_usage=True))
    return parameters


def _room(
    parameters: ChatParameters,
    prompt: PromptSize,
    model: Model,
    window: int,
    *,
    asked: int | None,
    choices: int,
) -> int:
    """The tokens that an answer may have; raises InvalidRequest for too few, and for too many."""
    room = room_for_answer(
        prompt,
        asked,
        model,
        window=window,
        asked_as="max_tokens" if parameters.max_tokens else "max_completion_tokens",
    )
    check_answer_size(
        choices,
        min(room, asked or 0),
        logprobs=logprobs_of(parameters),
        param="n" if choices > 1 else "top_logprobs",
    )
    return room


def _seed(
    parameters: ChatParameters, asked: int | None, texts: Sequence[MessageText]
) -> str | None:
    """Return the same seed for the same request if it sets one, or leaves nothing to chance."""
    if parameters.seed is None and parameters.temperature != 0:
        return None
    return f"{parameters.seed}{asked}{texts}"
