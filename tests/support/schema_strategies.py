"""Random JSON schemas that have instances."""

from hypothesis import strategies as st

Schema = dict[str, object]

NAMES = st.sampled_from(
    ["id", "name", "tags", "when", "total", "children", "a/b", "ünïcode", "x~y"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-50, 50), st.sampled_from(["red", "green", "", "blå"])
)
PATTERNS = st.sampled_from(
    [
        "^[a-z]{2,5}$",
        r"^\d{3}-\d{4}$",
        "^(foo|bar)+$",
        r"[A-Z]\w*",
        r"^[^@\s]+@[^@\s]+\.(com|org)$",
        r"^#[0-9a-fA-F]{6}$",
        r"^(?=.*\d)[a-z\d]{8,12}$",
        r"^(\w)\1$",
    ]
)
FORMATS = st.sampled_from(
    ["date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"]
)


@st.composite
def strings(draw: st.DrawFn) -> Schema:
    kind = draw(st.sampled_from(["free", "bounded", "pattern", "format"]))
    schema: Schema = {"type": "string"}
    match kind:
        case "bounded":
            least = draw(st.integers(0, 60))
            schema |= {"minLength": least, "maxLength": least + draw(st.integers(0, 40))}
        case "pattern":
            schema["pattern"] = draw(PATTERNS)
        case "format":
            schema["format"] = draw(FORMATS)
        case _:
            pass
    return schema


@st.composite
def numbers(draw: st.DrawFn) -> Schema:
    schema: Schema = {"type": draw(st.sampled_from(["integer", "number"]))}
    low = draw(st.integers(-200, 200))
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        high = low + draw(st.integers(20, 300))
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = high
    if draw(st.booleans()):
        schema["multipleOf"] = draw(st.sampled_from([1, 2, 3, 7, 0.5, 0.25, 0.1, 0.01]))
    return schema


VALUES = st.one_of(
    st.lists(SCALARS, min_size=1, max_size=5).map(lambda values: {"enum": values}),
    SCALARS.map(lambda value: {"const": value}),
    st.sampled_from(
        [True, {}, {"type": "boolean"}, {"type": "null"}, {"type": ["integer", "null"]}]
    ),
)


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[object]) -> Schema:
    least = draw(st.integers(0, 4))
    schema: Schema = {"type": "array", "items": draw(inner), "minItems": least}
    if draw(st.booleans()):
        schema["maxItems"] = least + draw(st.integers(0, 4))
    if draw(st.booleans()):
        schema["prefixItems"] = draw(st.lists(inner, min_size=1, max_size=3))
    elif draw(st.booleans()):
        schema |= {"items": draw(st.one_of(strings(), numbers())), "uniqueItems": True}
        # A pattern or span with only a handful of values could not fill the array.
        schema["minItems"] = min(least, 1)
    return schema


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[object]) -> Schema:
    properties = draw(st.dictionaries(NAMES, inner, max_size=5))
    schema: Schema = {"type": "object", "properties": properties}
    if properties:
        schema["required"] = draw(st.lists(st.sampled_from(sorted(properties)), unique=True))
    match draw(st.sampled_from(["closed", "open", "typed", "patterned", "unsaid"])):
        case "closed":
            schema["additionalProperties"] = False
        case "open":
            schema |= {"additionalProperties": True, "minProperties": draw(st.integers(0, 4))}
        case "typed":
            schema |= {
                "additionalProperties": draw(inner),
                "minProperties": draw(st.integers(0, 4)),
            }
        case "patterned":
            schema["patternProperties"] = {"^x-[a-z]+$": draw(inner)}
        case _:
            pass
    return schema


@st.composite
def combined(draw: st.DrawFn, inner: st.SearchStrategy[object]) -> Schema:
    match draw(st.sampled_from(["anyOf", "allOf", "oneOf", "nullable", "tagged"])):
        case "anyOf":
            return {"anyOf": draw(st.lists(inner, min_size=1, max_size=3))}
        case "allOf":
            low = draw(st.integers(-50, 50))
            return {"allOf": [{"type": "number", "minimum": low}, {"maximum": low + 30}]}
        case "oneOf":
            return {"oneOf": [draw(numbers()), draw(strings())]}
        case "nullable":
            return {"anyOf": [draw(inner), {"type": "null"}]}
        case _:
            branches = [
                {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}
                for kind in ("one", "two")
            ]
            return {"properties": {"more": draw(inner)}, "oneOf": branches}


INNER = st.recursive(
    st.one_of(strings(), numbers(), VALUES, st.just({"$ref": "#/$defs/node"})),
    lambda inner: st.one_of(arrays(inner), objects(inner), combined(inner)),
    max_leaves=12,
)


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    """An object schema as requests have them, with a definition that refers to itself."""
    node: Schema = {
        "type": "object",
        "properties": {
            "value": draw(strings()),
            "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            "all": {"type": "array", "items": {"$ref": "#/$defs/node"}},
        },
        "required": ["value", "next", "all"],
        "additionalProperties": False,
    }
    return draw(objects(INNER)) | {"$defs": {"node": node}}
