"""Checks on chat requests whose shape is right, in the real service's words."""

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import (
    PREDICTION_SINCE,
    capabilities_of,
    effort_of,
    unknown_to,
)
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, UnknownArguments, VersionNotSupported
from simulator.operations.chat.cached_prefixes import check_cache
from simulator.operations.chat.format_checks import check_format
from simulator.operations.chat.message_checks import check_calls, check_messages
from simulator.operations.chat.parameters import ChatParameters
from simulator.operations.chat.tool_checks import check_tools
from simulator.operations.model_checks import (
    check_available,
    check_lengths,
    check_logit_bias,
    check_metadata,
    check_stream_options,
    check_streams,
    refused_effort,
    refused_verbosity,
    unknown_parameter,
    unsupported_parameter,
)
from simulator.operations.schema_checks import SchemaChecks

# Microsoft's page on reasoning models: parameters that they do not take, with the defaults that
# the models which take the default only let pass.
_SAMPLING: dict[str, float | None] = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": None,
    "top_logprobs": None,
    "logit_bias": None,
}
# gpt-5.1 and later take these while they do not reason (reported, and on OpenAI's pages).
_FREE_WITHOUT_REASONING = ("temperature", "top_p", "logprobs", "top_logprobs")


def check_chat(
    parameters: ChatParameters, model: Model, version: str, schemas: SchemaChecks
) -> None:
    """Raises `InvalidRequest` or, for a feature newer than the api-version, `VersionNotSupported`."""
    check_available(model, version)
    _check_known(parameters, model, version)
    _check_prediction(parameters, version)
    check_streams(model, stream=bool(parameters.stream))
    _check_combinations(parameters)
    if model.reasoning:
        _check_reasoning(parameters, model)
    _check_stop(parameters, model)
    _check_verbosity(parameters.verbosity, model)
    check_logit_bias(parameters.logit_bias, model.encoding)
    check_lengths(
        user=parameters.user,
        safety_identifier=parameters.safety_identifier,
        prompt_cache_key=parameters.prompt_cache_key,
    )
    _check_stored(parameters)
    check_cache(parameters.prompt_cache_options, parameters.prompt_cache_retention, model)
    check_messages(parameters.messages, model, version)
    schemas = schemas.for_model(model)
    check_format(parameters, model, version, schemas)
    check_tools(parameters, model, version, schemas)
    check_calls(parameters.messages)


def check_simple(parameters: ChatParameters, model: Model, version: str, *, plain: bool) -> None:
    """Do the same for parameters that `are_simple`: only what can be wrong with them is looked at. Messages
    that are `plain` texts have no calls."""
    check_available(model, version)
    dated = parameters.max_completion_tokens is not None or parameters.stream_options is not None
    if dated:
        _check_known(parameters, model, version)
    if parameters.stream:
        check_streams(model, stream=True)
    if dated:
        _check_combinations(parameters)
    if model.reasoning:
        _check_reasoning(parameters, model)
    if parameters.stop is not None:
        _check_stop(parameters, model)
    if parameters.user is not None:
        check_lengths(user=parameters.user)
    check_messages(parameters.messages, model, version)
    if not plain:
        check_calls(parameters.messages)


_OF_THE_PLATFORM = (
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "user_security_context",
    "verbosity",
)
"""Parameters that models of other makers do not have (DeepSeek-V4-Pro: published 2026-06)."""


def _check_known(parameters: ChatParameters, model: Model, version: str) -> None:
    """Refuses what the api-version, or the model, does not know; all of it in one sentence."""
    unknown = unknown_to(version, parameters.dated_members)
    parallel = parameters.parallel_tool_calls
    if parallel is not None and not capabilities_of(model).parallel_tool_calls:
        unknown.append("parallel_tool_calls")
    takes_effort = model.reasoning or capabilities_of(model).efforts
    if parameters.reasoning_effort is not None and not takes_effort:
        unknown.append("reasoning_effort")
    if model.maker != "OpenAI":
        unknown += [name for name in _OF_THE_PLATFORM if getattr(parameters, name) is not None]
    if unknown:
        raise UnknownArguments(unknown)


def _check_stored(parameters: ChatParameters) -> None:
    """Refuse metadata of what is not stored (reported by many users of Azure and OpenAI)."""
    if parameters.metadata and not parameters.store:
        raise InvalidRequest(
            "The 'metadata' parameter is only allowed when 'store' is enabled.", param="metadata"
        )
    check_metadata(parameters.metadata or {})


def _check_combinations(parameters: ChatParameters) -> None:
    if parameters.max_tokens is not None and parameters.max_completion_tokens is not None:
        raise InvalidRequest(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            code="invalid_parameter_combination",
        )
    if parameters.top_logprobs is not None and not parameters.logprobs:
        raise InvalidRequest(
            "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
            param="top_logprobs",
        )
    check_stream_options(stream=bool(parameters.stream), options=parameters.stream_options)


def _check_prediction(parameters: ChatParameters, version: str) -> None:
    if parameters.prediction is not None and older_than(version, PREDICTION_SINCE):
        raise VersionNotSupported(
            f"Prediction is enabled only for api versions {PREDICTION_SINCE} and later"
        )


def _check_verbosity(verbosity: str | None, model: Model) -> None:
    taken = refused_verbosity(verbosity, model)
    if taken is not None:
        raise InvalidRequest(
            f"Unsupported value: 'verbosity' does not support '{verbosity}' with this model. "
            f"Supported values are: {taken}.",
            param="verbosity",
            code="unsupported_value",
        )


def _check_stop(parameters: ChatParameters, model: Model) -> None:
    if parameters.stop is not None and not capabilities_of(model).stop:
        raise unsupported_parameter("stop")


def _check_reasoning(parameters: ChatParameters, model: Model) -> None:
    if parameters.max_tokens is not None:
        raise unsupported_parameter("max_tokens", "Use 'max_completion_tokens' instead.")
    _check_effort(parameters, model)
    if parameters.prediction is not None:
        raise unsupported_parameter("prediction")
    capabilities = capabilities_of(model)
    effort = effort_of(parameters.reasoning_effort, model)
    samples = capabilities.sampling and not capabilities.thinks(effort)
    for name, default in _SAMPLING.items():
        value: object = getattr(parameters, name)
        if value is None or value is False or (samples and name in _FREE_WITHOUT_REASONING):
            continue
        if model.temperature_rule == "default-only" and value == default:
            continue
        if model.temperature_rule == "default-only" and name == "temperature":
            raise _unsupported_value(name, value, 1)
        raise unsupported_parameter(name)


def _check_effort(parameters: ChatParameters, model: Model) -> None:
    effort, capabilities = parameters.reasoning_effort, capabilities_of(model)
    if effort is not None and not capabilities.knows_effort:
        raise unknown_parameter("reasoning_effort")
    if effort is not None and not capabilities.efforts:
        raise unsupported_parameter("reasoning_effort")
    # Users of OpenAI (2026-07 to 2026-11): chat does not take `max`, which responses take.
    taken = refused_effort(effort, [each for each in capabilities.efforts if each != "max"])
    if taken is not None:
        raise InvalidRequest(
            f"Unsupported value: 'reasoning_effort' does not support '{effort}' with this model. "
            f"Supported values are: {taken}.",
            param="reasoning_effort",
            code="unsupported_value",
        )
    if parameters.tools and _tools_are_refused(effort, model):
        # Reported by users of Azure and OpenAI, with these words from 2026-07 on.
        raise InvalidRequest(
            f"Function tools with reasoning_effort are not supported for {model.name} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set "
            "reasoning_effort to 'none'.",
            param="reasoning_effort",
        )


def _tools_are_refused(effort: str | None, model: Model) -> bool:
    capabilities = capabilities_of(model)
    if capabilities.tools_in_chat == "without reasoning":
        return capabilities.thinks(effort_of(effort, model))
    return capabilities.tools_in_chat != "always" and capabilities.thinks(effort)


def _unsupported_value(name: str, value: object, default: float) -> InvalidRequest:
    shown = f"{value:g}" if isinstance(value, float) else value
    return InvalidRequest(
        f"Unsupported value: '{name}' does not support {shown} with this model. Only the default "
        f"({default:g}) value is supported.",
        param=name,
        code="unsupported_value",
    )
