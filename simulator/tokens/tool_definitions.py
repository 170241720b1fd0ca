"""The cost in prompt tokens of the functions that a chat offers as tools (OpenAI's cookbook
rule).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

_FUNCTION_START = {"cl100k_base": 10}
_NEWER_FUNCTION_START = 7
_PROPERTIES_START = 3
_PROPERTY = 3
_ENUM_START = -3
_ENUM_ITEM = 3
_FUNCTIONS_END = 12

Count = Callable[[str], int]
"""The tokens of a text in the model's encoding."""


def count_tools(tools: Sequence[object], *, encoding: str, count: Count) -> int:
    """The prompt tokens of the request's `tools` list as decoded from JSON; none cost nothing.

    The constants are those of gpt-4 and gpt-3.5-turbo for cl100k_base and of gpt-4o for the newer
    encodings. The rule covers flat properties; the properties of nested objects and of array items
    count like their parents. What does not have the expected shape is taken as empty.
    """
    start = _FUNCTION_START.get(encoding, _NEWER_FUNCTION_START)
    functions = [_mapping(_mapping(tool).get("function")) for tool in tools]
    total = sum(start + _function(function, count) for function in functions if function)
    return total + _FUNCTIONS_END if total else 0


def _function(function: Mapping[str, object], count: Count) -> int:
    line = f"{_text(function.get('name'))}:{_description(function)}"
    return count(line) + _properties(_mapping(function.get("parameters")), count)


def _properties(root: Mapping[str, object], count: Count) -> int:
    total = 0
    # A list instead of recursion: a stranger's schema may be nested deeper than Python's stack.
    pending = [root]
    while pending:
        schema = pending.pop()
        properties = _mapping(schema.get("properties"))
        total += _PROPERTIES_START if properties else 0
        for name, value in properties.items():
            nested = _mapping(value)
            total += _PROPERTY + _property(name, nested, count)
            pending.append(nested)
        items = _mapping(schema.get("items"))
        if items:
            pending.append(items)
    return total


def _property(name: str, schema: Mapping[str, object], count: Count) -> int:
    tokens = count(f"{name}:{_type(schema.get('type'))}:{_description(schema)}")
    choices = schema.get("enum")
    if isinstance(choices, list):
        items = cast("list[object]", choices)
        tokens += _ENUM_START + sum(_ENUM_ITEM + count(str(item)) for item in items)
    return tokens


def _type(value: object) -> str:
    if isinstance(value, list):
        return "|".join(str(item) for item in cast("list[object]", value))
    return _text(value)


def _description(schema: Mapping[str, object]) -> str:
    return _text(schema.get("description")).removesuffix(".")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}
