"""The refusals of schemas by the real service, for tools and for structured outputs.

The wordings are those of error bodies that users reported from Azure and OpenAI deployments between
2024-08 and 2026-09; the clients' issue trackers have many of each. Where the body goes is up to the
operation: `param` is `response_format` (chat; `code` null), `text.format.schema` (Responses; `code`
`invalid_json_schema`) or `tools[0].function.parameters` (`code` `invalid_function_parameters`;
Responses without `.function`).
"""

from collections.abc import Iterator, Mapping

from simulator.json_schema.acceptance.bounds import beyond
from simulator.json_schema.acceptance.metaschema import Place, fault, schemas
from simulator.json_schema.acceptance.size_limits import excess
from simulator.json_schema.errors import InvalidSchema
from simulator.json_schema.json_values import (
    NOTHING,
    as_object,
    is_array,
    is_object,
    mapping_at,
    names_at,
    nests_deeply,
)
from simulator.json_schema.patterns.parsing import looks_around

# Microsoft's page (2025-12-06) lists them as not supported. OpenAI's guide has most of them since
# 2025-05, and recorded exchanges of 2026 show that OpenAI takes `default`, `minimum`, `maximum`,
# `maxItems` and `const` in strict schemas. The lengths were refused until 2025-12; users who tried all
# keywords in 2026 (one of them with gpt-5.6-terra, 2026-08) found them taken. No recording of Azure
# speaks against it.
_DOCUMENTED_AS_REFUSED = {
    *("pattern", "format", "minimum", "maximum", "multipleOf", "minItems", "maxItems"),
    *("exclusiveMinimum", "exclusiveMaximum", "default", "minLength", "maxLength"),
}
# OpenAI's guide; refused in these words: reported 2025-08 to 2026-09, `uri` most often.
_FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid")
)
_UNSUPPORTED = {
    *("patternProperties", "unevaluatedProperties", "propertyNames", "minProperties"),
    *("maxProperties", "unevaluatedItems", "contains", "minContains", "maxContains"),
    *("uniqueItems", "oneOf"),
    # OpenAI's guide, "Some type-specific keywords are not yet supported".
    *("allOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas"),
}
# A response format whose root is one of these (2025 to 2026-10); a function has other words for it.
_ROOT_UNIONS = ("oneOf", "allOf")
_AT_THE_TOP = ("oneOf", "anyOf", "allOf", "enum", "not")
_REQUIRED = (
    "'required' is required to be supplied and to be an array including every key in properties."
)


def check_schema(schema: object, *, where: str) -> None:
    """Refuse what is no schema of an object, as the real service does without `strict` too, and
    what is beyond the simulator's own bounds.

    `where` is `response_format 'NAME'` or `function 'NAME'`. Raises InvalidSchema.
    """
    if nests_deeply(schema):
        # The only wording that leaves out the colon.
        raise InvalidSchema(f"Invalid schema for {where}. Please ensure it is a valid JSON Schema.")
    message = (
        beyond(schema) or fault(schema) or _fault_of_root(schema, where) or _fault_of_arrays(schema)
    )
    if message:
        raise InvalidSchema(f"Invalid schema for {where}: {message}")


def check_strict(schema: object, *, where: str) -> None:
    """Refuse what `strict: true` does not allow. Raises InvalidSchema.

    In this order: what `check_schema` refuses; each part before those inside it; the limits.
    """
    if where.startswith("response_format"):
        _check_root_union(as_object(schema), where)
    check_schema(schema, where=where)
    if is_object(schema):
        message = next(_faults(schema), None) or excess(schema)
        if message:
            raise InvalidSchema(f"Invalid schema for {where}: {message}")


def check_documented(schema: object, *, where: str) -> None:
    """Refuse what Microsoft's page lists as not supported and the service of 2026 takes. Raises
    InvalidSchema.
    """
    for place in schemas(schema):
        for key in as_object(place.schema):
            if key in _DOCUMENTED_AS_REFUSED:
                message = f"In context={place.context!r}, '{key}' is not permitted."
                raise InvalidSchema(f"Invalid schema for {where}: {message}")


def check_looks(schema: object) -> None:
    """Refuse patterns with a lookahead or lookbehind, as models since gpt-5.5 do with `strict` and
    without. Raises InvalidSchema.
    """
    for place in schemas(schema):
        pattern = as_object(place.schema).get("pattern")
        if isinstance(pattern, str) and looks_around(pattern):
            path = "".join(map(_step, place.context))
            raise InvalidSchema(
                f"Invalid JSON schema: regex lookaround is not supported. Found at ${path}.pattern."
            )


def _step(key: str) -> str:
    if key.isidentifier():
        return f".{key}"
    return f"[{key}]" if key.isdigit() else f"[{key!r}]"


def _check_root_union(root: Mapping[str, object], where: str) -> None:
    for keyword in _ROOT_UNIONS:
        if keyword in root:
            message = f"In context=(), '{keyword}' is not permitted."
            raise InvalidSchema(f"Invalid schema for {where}: {message}")


def _fault_of_root(schema: object, where: str) -> str | None:
    root = as_object(schema)
    kind = root.get("type")
    if kind != "object":
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    if any(keyword in root for keyword in _AT_THE_TOP):
        forbidden = "/".join(f"'{keyword}'" for keyword in _AT_THE_TOP)
        return f"schema must have type 'object' and not have {forbidden} at the top level."
    if where.startswith("function") and "properties" not in root:
        return "In context=(), object schema missing properties."
    return None


def _fault_of_arrays(schema: object) -> str | None:
    """Reported for functions without `strict` as well, so no rule of strict mode."""
    for place in schemas(schema):
        part = place.schema
        if is_object(part) and part.get("type") == "array" and not part.keys() & _ITEMS:
            return f"In context={place.context!r}, array schema missing items."
    return None


_ITEMS = {"items", "prefixItems"}


def _faults(root: Mapping[str, object]) -> Iterator[str]:
    for place in schemas(root):
        part = as_object(place.schema)
        if "$ref" in part:
            yield from _faults_of_reference(place, part, root)
        else:
            for message in _faults_of_part(part):
                yield f"In context={place.context!r}, {message}"
            yield from _fault_of_format(place, part)


def _faults_of_reference(
    place: Place, part: Mapping[str, object], root: Mapping[str, object]
) -> Iterator[str]:
    beside = [key for key in part if key not in ("$ref", "$defs", "definitions")]
    if beside:
        listed = ", ".join(map(repr, beside))
        # Without the "In" that all others begin with: reported so, from Azure too.
        yield f"context={place.context!r}, $ref cannot have keywords {{{listed}}}."
    pointed = str(part["$ref"]).split("/")
    defined = mapping_at(root, pointed[1]) if len(pointed) == 3 else NOTHING
    if pointed != ["#"] and (pointed[1:2] not in _DEFINING or pointed[-1] not in defined):
        message = "reference can only point to definitions defined at the top level of the schema."
        yield f"In context={place.context!r}, {message}"


_DEFINING = (["$defs"], ["definitions"])


def _faults_of_part(part: Mapping[str, object]) -> Iterator[str]:
    yield from (f"'{key}' is not permitted." for key in part if key in _UNSUPPORTED)
    kinds = part.get("type")
    if kinds is None and "anyOf" not in part:
        yield "schema must have a 'type' key."
    if "object" in (kinds if is_array(kinds) else (kinds,)):
        if part.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be supplied and to be false."
        yield from _faults_of_names(mapping_at(part, "properties"), names_at(part, "required"))


def _fault_of_format(place: Place, part: Mapping[str, object]) -> Iterator[str]:
    if "format" not in part or part["format"] in _FORMATS:
        return
    kinds = part.get("type")
    branch = ("type", str(kinds.index("string"))) if is_array(kinds) and "string" in kinds else ()
    if branch or kinds == "string":
        context = (*place.context, *branch)
        yield f"In context={context!r}, '{part['format']}' is not a valid format."


def _faults_of_names(properties: Mapping[str, object], required: list[str]) -> Iterator[str]:
    listed = set(required)
    yield from (f"{_REQUIRED} Missing '{name}'." for name in properties if name not in listed)
    extra = (name for name in required if name not in properties)
    yield from (f"{_REQUIRED} Extra required key '{name}' supplied." for name in extra)
