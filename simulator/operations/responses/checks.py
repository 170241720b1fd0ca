"""Checks on requests for a response whose shape is right."""

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, VersionNotSupported, missing_parameter
from simulator.operations.chat.cached_prefixes import check_breakpoint, check_cache
from simulator.operations.model_checks import (
    check_id,
    check_lengths,
    check_metadata,
    check_stream_options,
    check_streams,
    refused_effort,
    refused_verbosity,
    unsupported_parameter,
)
from simulator.operations.responses.item_checks import check_item
from simulator.operations.responses.items import breakpoint_of
from simulator.operations.responses.parameters import Reasoning, ResponseParameters, TextFormat
from simulator.operations.schema_checks import SchemaChecks

# Microsoft's page on structured outputs: the one version of a model with responses that has none.
_WITHOUT_SCHEMAS = "2024-05-13"
_FIRST_VERSION = "2025-03-01-preview"
_SAMPLING = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}


def check_response(
    parameters: ResponseParameters, model: Model, effort: str | None, schemas: SchemaChecks
) -> None:
    """Raises `InvalidRequest`; `effort` is the reasoning effort that will be used."""
    check_streams(model, stream=bool(parameters.stream))
    _check_input(parameters)
    _check_breakpoints(parameters, model)
    _check_output(parameters, model)
    check_lengths(
        user=parameters.user,
        safety_identifier=parameters.safety_identifier,
        prompt_cache_key=parameters.prompt_cache_key,
    )
    options, retention = parameters.prompt_cache_options, parameters.prompt_cache_retention
    check_cache(options, retention, model, code="invalid_parameter")
    check_metadata(parameters.metadata or {})
    _check_effort(parameters.reasoning, model)
    _check_verbosity(parameters.text.verbosity if parameters.text else None, model)
    # A router leaves out what the chosen model does not take (Microsoft's page, 2026-09).
    if not model.routes_to:
        _check_for_reasoning(parameters, model, effort)
    _check_format(parameters.format, model, schemas)


def _check_input(parameters: ResponseParameters) -> None:
    if parameters.prompt is not None:
        raise InvalidRequest(
            "Unsupported parameter: 'prompt' is not supported by the simulator, which keeps no prompt "
            "templates.",
            param="prompt",
            code="unsupported_parameter",
        )
    _check_state(parameters)
    if isinstance(parameters.input, list):
        for index, item in enumerate(parameters.input):
            check_item(item, f"input[{index}]")
    if parameters.background and not parameters.stored:
        raise InvalidRequest(
            "Unsupported parameter: 'background' requires 'store' to be true.",
            param="background",
            code="unsupported_parameter",
        )
    check_stream_options(stream=bool(parameters.stream), options=parameters.stream_options)


def _check_breakpoints(parameters: ResponseParameters, model: Model) -> None:
    for item in parameters.input if isinstance(parameters.input, list) else ():
        heard = item.outcome if isinstance(item.output, list) else ()
        for part in (*item.parts, *heard):
            if not isinstance(part, str):
                check_breakpoint(breakpoint_of(part), model)


def _check_state(parameters: ResponseParameters) -> None:
    """Refuse what has nothing to answer, and ids of the wrong kind."""
    previous, conversation = parameters.previous_response_id, parameters.conversation_id
    if not parameters.input and previous is None and conversation is None:
        raise InvalidRequest(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation_id' must be "
            "provided.",
            param="input",
            code="missing_required_parameter",
        )
    if previous is not None and conversation is not None:
        # Seen by users of OpenAI's API (2025-10 and 2026-08): the names are cut and missing there, too.
        raise InvalidRequest(
            "Mutually exclusive parameters: ''. Ensure you are only providing one of: 'pre..._id' or "
            "'conversation'.",
            code="mutually_exclusive_parameters",
        )
    if previous is not None:
        check_id(previous, "resp", "previous_response_id")
    if conversation is not None:
        named = isinstance(parameters.conversation, str)
        check_id(conversation, "conv", "conversation" if named else "conversation.id")


def check_dated(version: str) -> None:
    """Refuses a dated api-version that is older than this API (reported by many users)."""
    if older_than(version, _FIRST_VERSION):
        raise VersionNotSupported(
            f"Azure OpenAI Responses API is enabled only for api-version {_FIRST_VERSION} and later"
        )


def unknown_previous(identifier: str) -> InvalidRequest:
    """Reported by many users of Azure."""
    return InvalidRequest(
        f"Previous response with id '{identifier}' not found.",
        param="previous_response_id",
        code="previous_response_not_found",
    )


def _check_output(parameters: ResponseParameters, model: Model) -> None:
    asked = parameters.max_output_tokens
    if asked is not None and asked > model.max_output:
        raise InvalidRequest(
            "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= "
            f"{model.max_output}, but got {asked} instead.",
            param="max_output_tokens",
            code="integer_above_max_value",
        )


def _check_for_reasoning(parameters: ResponseParameters, model: Model, effort: str | None) -> None:
    if capabilities_of(model).thinks(effort):
        _check_sampling(parameters, model)
    elif not model.reasoning:
        _check_not_reasoning(parameters)


def _check_sampling(parameters: ResponseParameters, model: Model) -> None:
    """A model that reasons takes no sampling parameters (Microsoft's page on reasoning models)."""
    lenient = model.temperature_rule == "default-only"
    for name, default in _SAMPLING.items():
        value: float | None = getattr(parameters, name)
        if value is not None and not (lenient and value == default):
            # Without a code, unlike in chat (reported by users of Azure 2025-08, of OpenAI 2026-08).
            raise InvalidRequest(
                f"Unsupported parameter: '{name}' is not supported with this model.", param=name
            )
    if parameters.includes_logprobs or parameters.top_logprobs:
        raise InvalidRequest(
            "logprobs are not supported with reasoning models.",
            param="include" if parameters.includes_logprobs else "top_logprobs",
            code="unsupported_parameter",
        )


def _check_effort(reasoning: Reasoning | None, model: Model) -> None:
    effort = reasoning.effort if reasoning is not None else None
    taken = refused_effort(effort, capabilities_of(model).efforts)
    if taken is not None:
        raise InvalidRequest(
            f"Unsupported value: '{effort}' is not supported with the '{model.name}' model. "
            f"Supported values are: {taken}.",
            param="reasoning.effort",
            code="unsupported_value",
        )
    if reasoning and reasoning.context == "all_turns" and not capabilities_of(model).all_turns:
        raise InvalidRequest(
            f"Unsupported value: 'all_turns' is not supported with the '{model.name}' model. "
            "Supported values are: 'auto' and 'current_turn'.",
            param="reasoning.context",
            code="unsupported_value",
        )
    if reasoning and reasoning.mode is not None and not capabilities_of(model).reasoning_mode:
        raise unsupported_parameter("reasoning.mode")
    summary = reasoning and (reasoning.summary or reasoning.generate_summary)
    if summary and summary not in capabilities_of(model).summaries:
        # Reported by users of codex (2025-08 to 2026-01); `auto` is taken, and not listed.
        raise InvalidRequest(
            f"Unsupported value: '{summary}' is not supported with the '{model.name}' model. "
            "Supported values are: 'detailed'.",
            param="reasoning.summary",
            code="unsupported_value",
        )


def _check_verbosity(verbosity: str | None, model: Model) -> None:
    taken = refused_verbosity(verbosity, model)
    if taken is not None:
        raise InvalidRequest(
            f"Unsupported value: '{verbosity}' is not supported with the '{model.name}' model. "
            f"Supported values are: {taken}.",
            param="text.verbosity",
            code="unsupported_value",
        )


def _check_not_reasoning(parameters: ResponseParameters) -> None:
    reasoning = parameters.reasoning
    if reasoning is not None and reasoning.effort is not None:
        raise unsupported_parameter("reasoning.effort")
    if reasoning is not None and (reasoning.summary or reasoning.generate_summary):
        raise unsupported_parameter("reasoning.summary")
    if parameters.includes_encrypted:
        raise InvalidRequest("Encrypted content is not supported with this model.", param="include")


def _check_format(form: TextFormat, model: Model, schemas: SchemaChecks) -> None:
    if form.type != "json_schema":
        return
    if model.version == _WITHOUT_SCHEMAS or not capabilities_of(model).json_schema:
        raise InvalidRequest(
            "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.",
            param="text.format",
        )
    for field in ("name", "schema"):
        value: object = getattr(form, field)
        if value is None:
            raise missing_parameter(f"text.format.{field}")
    schemas.check(
        form.schema,
        f"response_format '{form.name}'",
        strict=bool(form.strict),
        param="text.format.schema",
        code="invalid_json_schema",
    )
