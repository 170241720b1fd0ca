"""The TypeScript-like text by which a model is shown the functions that it may call.

OpenAI has not published it. Its form was fitted to 300 recorded token counts of 2024 to 2026, which
docs/models.md grades; a reader of counts can rely on their number, not on each character here.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from simulator.tokens.json_text import compact

_HEAD = "# Tools\n\n## functions\n\nnamespace functions {\n\n"
_TAIL = "\n\n} // namespace functions"

# Bounds for a stranger's schema: how deep it is read, and what references may make of it.
_DEPTH = 32
_CHARACTERS = 1_000_000

Schema = Mapping[str, object]


def tools_text(functions: Sequence[Schema], *, union: str) -> str:
    """The text of function definitions (name, description, parameters) as decoded from JSON.

    `union` stands between the members of a union type. Anything of an unexpected shape is `any`.
    """
    writer = _Writer(union)
    return _HEAD + "\n\n".join(map(writer.function, functions)) + _TAIL


class _Writer:
    def __init__(self, union: str) -> None:
        self._union = union
        self._left = _CHARACTERS
        self._definitions: Schema = {}

    def function(self, function: Schema) -> str:
        parameters = mapping(function.get("parameters"))
        self._definitions = mapping(parameters.get("$defs") or parameters.get("definitions"))
        shape = ""
        if mapping(parameters.get("properties")):
            shape = f"_: {self._object(parameters, _trailing(parameters), _DEPTH)}"
        description = _comment(text(function.get("description")))
        return f"{description}type {text(function.get('name'))} = ({shape}) => any;"

    def _object(self, schema: Schema, heading: str, depth: int) -> str:
        """One line, unless the object or one of its properties has a comment."""
        names = schema.get("required")
        required = cast("list[object]", names) if isinstance(names, list) else ()
        leading: list[str] = []
        members: list[str] = []
        trailing: list[str] = []
        for name, value in mapping(schema.get("properties")).items():
            property_ = mapping(value)
            mark = "" if name in required else "?"
            leading.append(_leading(property_))
            members.append(f"{name}{mark}: {self._described(property_, depth - 1)}")
            trailing.append(_remark(property_))
        if not heading and not any(leading) and not any(trailing):
            return "{ " + ", ".join(members) + " }"
        lines = [
            f"{before}{member}{after or ','}\n"
            for before, member, after in zip(leading, members, trailing, strict=True)
        ]
        return f"{{{heading}\n{''.join(lines)}}}"

    def _described(self, schema: Schema, depth: int) -> str:
        """The type of a property; each type of a list of types repeats the description."""
        types = schema.get("type")
        description = text(schema.get("description"))
        if not isinstance(types, list) or not description:
            return self._type(schema, depth)
        names = [f"{_comment(description)}{name}\n" for name in cast("list[object]", types)]
        return "\n" + "|\n".join(names)

    def _type(self, schema: Schema, depth: int) -> str:
        if depth <= 0 or self._left <= 0:
            return "any"
        if "$ref" in schema:
            return self._referenced(schema, depth)
        if "const" in schema:
            return compact(schema["const"])
        for key in ("enum", "anyOf", "oneOf", "type"):
            if isinstance(schema.get(key), list):
                return self._members(key, schema, depth)
        return self._single(schema, text(schema.get("type")), depth)

    def _members(self, key: str, schema: Schema, depth: int) -> str:
        members = cast("list[object]", schema[key])
        if key == "enum":
            return " | ".join(map(compact, members))
        if key == "type":
            types = [self._single(schema, text(name), depth) for name in members]
        else:
            types = [self._type(mapping(member), depth - 1) for member in members]
        return self._union.join(types)

    def _single(self, schema: Schema, name: str, depth: int) -> str:
        if name == "array":
            return self._array(mapping(schema.get("items")), depth - 1)
        if name == "object" and mapping(schema.get("properties")):
            return self._object(schema, "", depth)
        return "number" if name == "integer" else name or "any"

    def _array(self, items: Schema, depth: int) -> str:
        referenced = self._resolved(items)
        nested = text(referenced.get("type")) == "object" and referenced.get("properties")
        item = self._type(items, depth)
        if nested and "\n" not in item and not _trailing(referenced):
            return f"{item}[]"
        if nested and "$ref" not in items and depth > 0:
            item = self._object(items, _trailing(items), depth)
        return f"Array<{item}>" if nested else f"{item}[]"

    def _referenced(self, schema: Schema, depth: int) -> str:
        target = self._resolved(schema)
        if text(target.get("type")) == "object" and target.get("properties"):
            written = self._object(target, _trailing(target), depth - 1)
        else:
            written = self._type(target, depth - 1)
        self._left -= len(written)
        return written

    def _resolved(self, schema: Schema) -> Schema:
        reference = text(schema.get("$ref"))
        return mapping(self._definitions.get(reference.rpartition("/")[2])) if reference else schema


def _leading(schema: Schema) -> str:
    """The comment above a property: its description, with its title before it."""
    description = _comment(text(schema.get("description")))
    return _comment(text(schema.get("title"))) + description if description else ""


def _remark(schema: Schema) -> str:
    """The comment behind a property: a title without description, and its default."""
    title, described = text(schema.get("title")), text(schema.get("description"))
    remark = f" // {title}" if title and not described else ""
    if "default" in schema:
        remark += f"{',' if title else ''} // default: {compact(schema['default'])}"
    return remark


def _trailing(schema: Schema) -> str:
    """The comments behind the brace of an object that has a title or description of its own."""
    texts = (text(schema.get("title")), text(schema.get("description")))
    return "".join(f" // {part}" for part in texts if part)


def _comment(words: str) -> str:
    lines = (f"// {line.strip()}".rstrip() for line in words.split("\n"))
    return "\n".join(lines) + "\n" if words else ""


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def mapping(value: object) -> Schema:
    return cast("Schema", value) if isinstance(value, dict) else {}
