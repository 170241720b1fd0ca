"""Checks on the tools of a chat request, and on the calls in its messages."""

from collections.abc import Sequence

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, VersionNotSupported
from simulator.json_schema.acceptance.strict_mode import check_schema, check_strict
from simulator.json_schema.errors import InvalidSchema
from simulator.operations.chat.parameters import (
    AssistantMessage,
    ChatParameters,
    Message,
    ToolCall,
    ToolMessage,
)
from simulator.operations.chat.tool_parameters import AllowedToolChoice, FunctionName, NamedFunction
from simulator.operations.model_checks import check_name

_NEEDS = {
    "function_call": "functions",
    "parallel_tool_calls": "tools",
    "tool_choice": "tools",
}


def check_tools(parameters: ChatParameters, model: Model, version: str) -> None:
    """Raises `InvalidRequest` or, for a value newer than the api-version, `VersionNotSupported`."""
    given = parameters.tool_members
    if not given:
        return
    _check_version(parameters, version)
    dotted = capabilities_of(model).dotted_names
    for index, tool in enumerate(parameters.tools or ()):
        check_name(tool.function.name, f"tools[{index}].function.name", dotted=dotted)
    if parameters.parallel_tool_calls is not None and _is_o_series(model):
        raise InvalidRequest(
            "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
            param="parallel_tool_calls",
            code="unsupported_parameter",
        )
    for name, other in _NEEDS.items():
        if name in given and other not in given:
            raise InvalidRequest(
                f"Invalid value for '{name}': '{name}' is only allowed when '{other}' are "
                "specified.",
                param=name,
            )
    _check_names(parameters)
    _check_parameters(parameters)


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


def _check_parameters(parameters: ChatParameters) -> None:
    for index, tool in enumerate(parameters.tools or ()):
        function = tool.function
        check_function(
            function.name,
            function.parameters,
            strict=bool(function.strict),
            param=f"tools[{index}].function.parameters",
        )
    for index, function in enumerate(parameters.functions or ()):
        param = f"functions[{index}].parameters"
        check_function(function.name, function.parameters, strict=False, param=param)


def check_function(
    name: str, schema: dict[str, object] | None, *, strict: bool, param: str
) -> None:
    """Refuses a function's schema as the real service does; none, or an empty one, takes nothing."""
    if not schema:
        return
    try:
        (check_strict if strict else check_schema)(schema, where=f"function '{name}'")
    except InvalidSchema as error:
        raise InvalidRequest(
            error.message, param=param, code="invalid_function_parameters"
        ) from None


def check_calls(messages: Sequence[Message]) -> None:
    """Refuses results without a call before them, and calls without a result after them."""
    calls: Sequence[ToolCall] = ()
    waiting: list[str] = []
    for index, message in enumerate(messages):
        # isinstance takes several times as long, and every request comes by here.
        if type(message) is ToolMessage:
            _check_result(message, index, calls)
            waiting = [id_ for id_ in waiting if id_ != message.tool_call_id]
        elif waiting:
            raise _unanswered(waiting, f"messages.[{index}].role")
        elif type(message) is AssistantMessage and message.tool_calls is not None:
            calls = message.tool_calls
            waiting = [call.id for call in calls]
        else:
            calls = ()
    if waiting:
        raise _unanswered(waiting, "messages")


def _check_result(message: ToolMessage, index: int, calls: Sequence[ToolCall]) -> None:
    if not calls:
        # The misspelling is the real service's own.
        raise InvalidRequest(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            param=f"messages.[{index}].role",
        )
    if all(call.id != message.tool_call_id for call in calls):
        raise InvalidRequest(
            f"Invalid parameter: 'tool_call_id' of '{message.tool_call_id}' not found in "
            "'tool_calls' of previous message.",
            param=f"messages.[{index}].tool_call_id",
        )


def _unanswered(ids: Sequence[str], param: str) -> InvalidRequest:
    return InvalidRequest(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        "'tool_call_id'. The following tool_call_ids did not have response messages: "
        f"{', '.join(ids)}",
        param=param,
    )
