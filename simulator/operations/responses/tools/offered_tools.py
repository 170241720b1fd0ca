"""The tools that a client runs: functions and custom ones, alone and in namespaces, those that items bring
along, and its search for more of them (Microsoft's page on tool search, 2026-07)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from simulator.json_schema.json_values import is_array
from simulator.operations.responses.items import Item
from simulator.operations.responses.tools.hosted_tools import ToolDefinition, ToolSearch
from simulator.synthesis.tool_selection import Tool

_BRINGING = frozenset({"additional_tools", "tool_search_output"})
_Name = Annotated[str, Meta(min_length=1, max_length=64)]


class FunctionTool(ToolDefinition, tag="function", frozen=True):
    name: _Name
    description: str | None = None
    parameters: dict[str, object] | None = None
    strict: bool | None = None
    defer_loading: bool | None = None


class _Format(Struct, tag_field="type", frozen=True):
    pass


class FreeText(_Format, tag="text", frozen=True):
    pass


class Grammar(_Format, tag="grammar", frozen=True):
    syntax: Literal["lark", "regex"]
    definition: str


class CustomTool(ToolDefinition, tag="custom", frozen=True):
    """A tool that takes a text, which may have to follow a grammar."""

    name: _Name
    description: str | None = None
    format: FreeText | Grammar | None = None
    defer_loading: bool | None = None


class Namespace(ToolDefinition, tag="namespace", frozen=True):
    name: _Name
    tools: list[FunctionTool | CustomTool]
    description: str | None = None


_Offer = FunctionTool | CustomTool | Namespace


def offered(definitions: Iterable[ToolDefinition]) -> tuple[Tool, ...]:
    """The tools among these that are called; what is deferred is found by a search of the service's."""
    given = list(definitions)
    found = any(isinstance(tool, ToolSearch) and not tool.of_client for tool in given)
    return tuple(tool for one in given for tool in _tools_of(one, found=found))


def brought(items: Sequence[Item]) -> tuple[Tool, ...]:
    """The tools that items bring along; what is none is passed over."""
    lists = [item.tools for item in items if item.kind in _BRINGING]
    given = [tool for tools in lists if is_array(tools) for tool in tools]
    return offered(tool for raw in given if (tool := _definition(raw)) is not None)


def searched(items: Sequence[Item]) -> bool:
    """Return True if the client has searched since the last message of the user."""
    last = max((at for at, item in enumerate(items) if item.role == "user"), default=-1)
    return any(item.kind == "tool_search_output" for item in items[last + 1 :])


def _definition(raw: object) -> _Offer | None:
    try:
        return msgspec.convert(raw, _Offer)
    except msgspec.ValidationError:
        return None


def _tools_of(definition: ToolDefinition, *, found: bool) -> Iterator[Tool]:
    if isinstance(definition, FunctionTool | CustomTool):
        yield _tool(definition, None, found=found)
    elif isinstance(definition, Namespace):
        for tool in definition.tools:
            yield _tool(tool, definition, found=found)
    elif isinstance(definition, ToolSearch) and definition.of_client:
        description, parameters = definition.description or "", definition.parameters or {}
        yield Tool("tool_search", description, parameters, searches=True)


def _tool(tool: FunctionTool | CustomTool, within: Namespace | None, *, found: bool) -> Tool:
    description = tool.description or ""
    place = (within.name, within.description or "") if within else None
    deferred = found and bool(tool.defer_loading)
    if isinstance(tool, FunctionTool):
        parameters = tool.parameters or {}
        return Tool(tool.name, description, parameters, namespace=place, deferred=deferred)
    form = tool.format if isinstance(tool.format, Grammar) else None
    text = form and form.definition
    return Tool(
        tool.name,
        description,
        free=True,
        pattern=text if form and form.syntax == "regex" else None,
        grammar=text if form and form.syntax == "lark" else None,
        namespace=place,
        deferred=deferred,
    )


def search_items(tools: Sequence[Tool]) -> list[Mapping[str, object]]:
    """The items of the service's search for those of the tools that are deferred, without their ids."""
    loaded = [tool for tool in tools if tool.deferred]
    if not loaded:
        return []
    places: dict[str, list[Tool]] = {}
    for tool in loaded:
        places.setdefault(tool.namespace[0] if tool.namespace else tool.name, []).append(tool)
    done: dict[str, object] = {"call_id": None, "execution": "server", "status": "completed"}
    arguments = {"paths": list(places)}
    shown = [_shown(name, some) for name, some in places.items()]
    return [
        {"type": "tool_search_call", "arguments": arguments, **done},
        {"type": "tool_search_output", **done, "tools": shown},
    ]


def _shown(name: str, tools: Sequence[Tool]) -> Mapping[str, object]:
    members = [_member(tool) for tool in tools]
    within = tools[0].namespace
    if within is None:
        return members[0]
    return {"type": "namespace", "name": name, "description": within[1], "tools": members}


def _member(tool: Tool) -> Mapping[str, object]:
    if tool.free:
        kind: dict[str, object] = {"type": "custom"}
        return {**kind, "name": tool.name, "description": tool.description, "defer_loading": True}
    return {"type": "function", **tool.function, "defer_loading": True}
