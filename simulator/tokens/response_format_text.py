"""The text by which a model is shown the JSON schema that its answer has to fit."""

from collections.abc import Set
from typing import cast

from simulator.tokens.json_text import ascii_compact
from simulator.tokens.tool_text import Schema

# Members of a schema whose own members are named by the user, so that no name is a keyword.
_NAMED = frozenset({"properties", "$defs", "definitions"})
# Deeper than any schema that the service takes; below it nothing is dropped.
_DEPTH = 64
_VALUES = frozenset({"enum", "const", "default", "examples"})


def response_format_text(name: str, description: str, schema: Schema, dropped: Set[str]) -> str:
    """A heading, the name, the description and the schema's JSON without the `dropped` keywords."""
    comment = f"// {description}\n" if description else ""
    return f"# Response Formats\n\n## {name}\n\n{comment}{ascii_compact(_without(schema, dropped))}"


def _without(value: object, dropped: Set[str], depth: int = _DEPTH) -> object:
    if depth == 0:
        return value
    if isinstance(value, list):
        return [_without(item, dropped, depth - 1) for item in cast("list[object]", value)]
    if not isinstance(value, dict):
        return value
    kept: dict[str, object] = {}
    for key, member in cast("Schema", value).items():
        if key in dropped:
            continue
        if key in _VALUES:
            kept[key] = member
        elif key in _NAMED and isinstance(member, dict):
            named = cast("Schema", member)
            kept[key] = {each: _without(item, dropped, depth - 1) for each, item in named.items()}
        else:
            kept[key] = _without(member, dropped, depth - 1)
    return kept
