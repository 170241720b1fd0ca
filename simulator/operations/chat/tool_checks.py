"""Checks on the tools of a chat request."""

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, RefusedByMaker, UnknownArguments, VersionNotSupported
from simulator.operations.chat.parameters import (
    AllowedToolChoice,
    ChatParameters,
    FunctionName,
    NamedFunction,
)
from simulator.operations.model_checks import check_name, unsupported_parameter
from simulator.operations.schema_checks import SchemaChecks

_VISION = "vision-preview"
_NEEDS = {
    "function_call": "functions",
    "parallel_tool_calls": "tools",
    "tool_choice": "tools",
}


def check_tools(
    parameters: ChatParameters, model: Model, version: str, schemas: SchemaChecks
) -> None:
    """Raises `InvalidRequest` or, for a value newer than the api-version, `VersionNotSupported`."""
    given = parameters.tool_members
    if not given:
        return
    _check_model(parameters, model)
    _check_version(parameters, version)
    _check_choice(parameters, model)
    dotted = capabilities_of(model).dotted_names
    for index, tool in enumerate(parameters.tools or ()):
        check_name(tool.function.name, f"tools[{index}].function.name", dotted=dotted)
    if parameters.parallel_tool_calls is not None and _is_o_series(model):
        raise unsupported_parameter("parallel_tool_calls")
    for name, other in _NEEDS.items():
        if name in given and other not in given:
            raise InvalidRequest(
                f"Invalid value for '{name}': '{name}' is only allowed when '{other}' are "
                "specified.",
                param=name,
            )
    _check_names(parameters)
    _check_parameters(parameters, schemas)


def _check_model(parameters: ChatParameters, model: Model) -> None:
    """Refuse what the model may not call, in the words of its generation (reported by users)."""
    asked = [name for name in ("tools", "functions") if getattr(parameters, name) is not None]
    refused = [name for name in asked if name not in capabilities_of(model).calls]
    if not refused:
        return
    if model.reasoning or model.name == "gpt-5-chat":
        raise InvalidRequest(
            f"{refused[0]} is not supported in this model. For a list of supported models, refer to "
            "https://platform.openai.com/docs/guides/function-calling#models-supporting-function-calling."
        )
    if model.version != _VISION:
        raise UnknownArguments(refused)
    count = "1 validation error" if len(refused) == 1 else f"{len(refused)} validation errors"
    places = "".join(
        f"\nbody -> {name}\n  extra fields not permitted (type=value_error.extra)"
        for name in refused
    )
    raise InvalidRequest(f"{count} for Request{places}")


def _check_choice(parameters: ChatParameters, model: Model) -> None:
    if parameters.tool_choice == "required" and model.name == "gpt-oss-120b":
        raise RefusedByMaker(
            "Request included unsupported tool use. tool_choice 'required' is not supported for the "
            "model.",
            code="UnsupportedToolUse",
        )


def _check_version(parameters: ChatParameters, version: str) -> None:
    if parameters.tool_choice == "required" and older_than(version, "2024-06-01"):
        raise VersionNotSupported(
            "tool_choice value as required is enabled only for api versions 2024-06-01 and later"
        )


def _is_o_series(model: Model) -> bool:
    """Microsoft's page on reasoning models: they call one tool at a time, gpt-5 several."""
    return model.reasoning and model.name.startswith("o")


def _check_names(parameters: ChatParameters) -> None:
    known = {tool.function.name for tool in parameters.tools or ()}
    for name in _named(parameters):
        if name not in known:
            raise _no_function("tool_choice", name, "tools")
    call = parameters.function_call
    if isinstance(call, FunctionName):
        functions = {function.name for function in parameters.functions or ()}
        if call.name not in functions:
            raise _no_function("function_call", call.name, "functions")


def _named(parameters: ChatParameters) -> list[str]:
    choice = parameters.tool_choice
    if isinstance(choice, AllowedToolChoice):
        return [tool.function.name for tool in choice.allowed_tools.tools]
    return [choice.function.name] if isinstance(choice, NamedFunction) else []


def _no_function(option: str, name: str, place: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid value for '{option}': no function named '{name}' was specified in the '{place}' "
        "parameter.",
        param=option,
    )


def _check_parameters(parameters: ChatParameters, schemas: SchemaChecks) -> None:
    for index, tool in enumerate(parameters.tools or ()):
        function = tool.function
        if function.parameters:  # none, or an empty one, takes nothing
            schemas.check_function(
                function.name,
                function.parameters,
                strict=bool(function.strict),
                param=f"tools[{index}].function.parameters",
            )
    for index, function in enumerate(parameters.functions or ()):
        if function.parameters:
            param = f"functions[{index}].parameters"
            schemas.check_function(function.name, function.parameters, strict=False, param=param)
