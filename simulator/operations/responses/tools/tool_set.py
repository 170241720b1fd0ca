"""The tools of a request for a response: functions, which are called, and built-in ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec
from msgspec import Raw, Struct

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, missing_parameter
from simulator.json_schema.json_values import is_array, is_object
from simulator.operations.model_checks import check_name, unknown_parameter
from simulator.operations.responses.items import CALLS, OUTPUTS, InputText, Item
from simulator.operations.responses.parameters import ResponseParameters
from simulator.operations.responses.parameters import ToolChoice as AskedChoice
from simulator.operations.responses.tools.hosted_tools import (
    HostedTool,
    ToolDefinition,
    WebSearch,
    WebSearchPreview,
)
from simulator.operations.responses.tools.offered_tools import (
    CustomTool,
    FreeText,
    FunctionTool,
    Namespace,
    offered,
)
from simulator.operations.schema_checks import SchemaChecks
from simulator.synthesis.tool_selection import Tool, ToolChoice, Turn
from simulator.wire.body import Body


class _Tools(Struct):
    tools: list[FunctionTool | CustomTool | HostedTool | Namespace]


_TOOLS = Body(_Tools)
_OBJECT = msgspec.json.Decoder(dict[str, object])

_NOWHERE: Mapping[str, object] = {
    "type": "approximate",
    "city": None,
    "country": "US",
    "region": None,
    "timezone": None,
}
_SEARCH: Mapping[str, object] = {
    "search_content_types": ["text"],
    "search_context_size": "medium",
    "user_location": None,
}


@dataclass(frozen=True, slots=True)
class ToolSet:
    """The tools as they are shown again, those among them that the client runs, functions and custom
    ones, and what is said about calls."""

    shown: Sequence[object] = ()
    callable: tuple[Tool, ...] = ()
    choice: ToolChoice = field(default_factory=ToolChoice)
    kinds: frozenset[str] = frozenset()
    """The types of the tools."""

    @property
    def functions(self) -> tuple[Tool, ...]:
        """The tools that are counted as functions; a namespace is shown to the model by its name."""
        plain = (tool for tool in self.callable if not tool.namespace and not tool.searches)
        return tuple(tool for tool in plain if not tool.free)


def parse_tools(
    body: bytes, parameters: ResponseParameters, model: Model, schemas: SchemaChecks
) -> ToolSet:
    """The tools of the request whose body and parameters these are; raises `InvalidRequest`.

    Built-in tools are taken and never called, as a model may decide; to be made to call one is
    refused, because the simulator runs none.
    """
    asked = parameters.tool_choice
    _check_named(asked)
    if not parameters.tools:
        _check_choice_of_none(asked)
        return ToolSet()
    tools = _TOOLS.decode(body).tools
    _check_calls(tools, model)
    for index, tool in enumerate(tools):
        _check_tool(tool, f"tools[{index}]", model, schemas)
    called = offered(tools)
    shown = [_shown(tool, raw) for tool, raw in zip(tools, parameters.tools, strict=True)]
    kinds = frozenset(str(tool.__struct_config__.tag) for tool in tools)
    return ToolSet(shown, called, _choice(asked, called, kinds), kinds)


def _check_named(asked: str | AskedChoice | None) -> None:
    """Refuse a choice without its name, as chat writes it (many users, 2025-10 to 2026-11)."""
    if asked is None or isinstance(asked, str):
        return
    if asked.type in ("function", "custom") and asked.name is None:
        raise missing_parameter("tool_choice.name")
    if asked.function is not None:
        raise unknown_parameter("tool_choice.function")


def _check_calls(tools: Sequence[ToolDefinition], model: Model) -> None:
    if "tools" in capabilities_of(model).calls:
        return
    if any(isinstance(tool, FunctionTool | CustomTool | Namespace) for tool in tools):
        # Reported by a user of Azure with gpt-5-chat (2025-09).
        raise InvalidRequest(
            f"Functions are not supported with {model.name}-{model.version}.", param="tools"
        )


def _check_tool(tool: ToolDefinition, place: str, model: Model, schemas: SchemaChecks) -> None:
    if isinstance(tool, FunctionTool | CustomTool | Namespace):
        check_name(tool.name, f"{place}.name", dotted=capabilities_of(model).dotted_names)
    if isinstance(tool, FunctionTool):
        _check_function(tool, place, schemas)
    if isinstance(tool, Namespace):
        for index, within in enumerate(tool.tools):
            _check_tool(within, f"{place}.tools[{index}]", model, schemas)


def _check_choice_of_none(asked: str | AskedChoice | None) -> None:
    if asked not in (None, "none", "auto"):
        name = asked if isinstance(asked, str) else asked.name or asked.type
        raise InvalidRequest(
            f"Tool choice '{name}' must be specified with 'tools' parameter.", param="tool_choice"
        )


def _check_function(tool: FunctionTool, place: str, schemas: SchemaChecks) -> None:
    if tool.parameters is None:
        return
    # Left out, the real service makes a schema strict where it can, and never refuses it.
    schemas.check_function(
        tool.name, tool.parameters, strict=bool(tool.strict), param=f"{place}.parameters"
    )


def _shown(tool: ToolDefinition, raw: Raw) -> object:
    """A tool as a response shows it (functions: recorded 2026-08; searches: 2026-03 and 2026-04)."""
    if isinstance(tool, WebSearch | WebSearchPreview):
        return _shown_search(_OBJECT.decode(raw))
    if isinstance(tool, CustomTool):
        return {
            "type": "custom",
            "description": tool.description or None,
            "format": tool.format or FreeText(),
            "name": tool.name,
        }
    if not isinstance(tool, FunctionTool):
        return raw
    return {
        "type": "function",
        **({} if tool.defer_loading is None else {"defer_loading": tool.defer_loading}),
        "description": tool.description or None,
        "name": tool.name,
        "output_schema": None,
        "parameters": tool.parameters,
        "strict": tool.strict is not False,
    }


def _shown_search(asked: Mapping[str, object]) -> dict[str, object]:
    """A search with what holds where the request leaves it out."""
    location = asked.get("user_location")
    if isinstance(location, dict):
        place = {**_NOWHERE, "country": None, **cast("dict[str, object]", location)}
    else:
        place = _NOWHERE
    given = {name: value for name, value in asked.items() if value is not None}
    rest = {name: value for name, value in given.items() if name not in _SEARCH}
    known = {name: given.get(name, value) for name, value in _SEARCH.items()}
    return {"type": asked["type"], **rest, **known, "user_location": place}


def _choice(
    asked: str | AskedChoice | None, functions: Sequence[Tool], kinds: frozenset[str]
) -> ToolChoice:
    if asked is None or asked == "auto":
        return ToolChoice()
    if asked == "none":
        return ToolChoice("none")
    if isinstance(asked, str):
        return _forced(ToolChoice("required"), functions, kinds)
    if asked.type == "allowed_tools":
        names = _names(asked.tools)
        if asked.mode == "required":
            allowed = [tool for tool in functions if tool.name in names]
            return _forced(ToolChoice("required", names), allowed, kinds)
        return ToolChoice("auto", names)
    free = {"function": False, "custom": True}.get(asked.type)
    if asked.name in {tool.name for tool in functions if tool.free is free}:
        return ToolChoice("required", frozenset({asked.name}))
    if free is None and asked.type in kinds:
        return _forced(ToolChoice("required"), (), frozenset({asked.type}))
    raise InvalidRequest(
        f"Tool choice '{asked.name or asked.type}' not found in 'tools' parameter.",
        param="tool_choice",
    )


def _forced(choice: ToolChoice, functions: Sequence[Tool], kinds: frozenset[str]) -> ToolChoice:
    if not functions:
        raise InvalidRequest(
            "The simulator runs no built-in tools, so it cannot be made to call "
            f"{' or '.join(sorted(kinds))}. Leave 'tool_choice' at 'auto' for an answer in text.",
            param="tool_choice",
            code="unsupported_value",
        )
    return choice


def _names(tools: object) -> frozenset[str]:
    members = cast("list[object]", tools) if isinstance(tools, list) else []
    named = [cast("Mapping[str, object]", tool) for tool in members if isinstance(tool, dict)]
    return frozenset(str(tool["name"]) for tool in named if "name" in tool)


def shown_choice(asked: str | AskedChoice | None) -> object:
    """`tool_choice` as a response shows it."""
    if asked is None or isinstance(asked, str):
        return asked or "auto"
    members: dict[str, object] = msgspec.to_builtins(asked)
    return {name: value for name, value in members.items() if value is not None}


def turn_of(items: Sequence[Item]) -> Turn:
    """The conversation's turn, for the rule by which tools are called."""
    asked = max((at for at, item in enumerate(items) if item.role == "user"), default=-1)
    text = ""
    if asked >= 0:
        parts = items[asked].parts
        text = "\n".join(part.text for part in parts if isinstance(part, InputText))
    since = items[asked + 1 :]
    return Turn(
        text,
        called=[item.name for item in since if item.kind in CALLS and item.name],
        answered=bool(items) and items[-1].kind in OUTPUTS,
    )


def kinds_added(items: Sequence[Item]) -> frozenset[str]:
    """The types of the tools that items bring along."""
    added = [item.tools for item in items if item.kind == "additional_tools"]
    return frozenset(
        str(tool.get("type"))
        for tools in added
        if is_array(tools)
        for tool in tools
        if is_object(tool)
    )


def decode_items(items: Sequence[Raw]) -> list[Item]:
    """Decode stored items, in the form in which they were shown."""
    return [_ITEM.decode(item) for item in items]


_ITEM = msgspec.json.Decoder(Item)
