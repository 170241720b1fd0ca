"""The schema that an example of JSON suggests: its names, and values of the same types."""

import re
from collections.abc import Mapping

from simulator.json_schema.json_values import TYPES, is_array, is_object

_TYPE_WORDS = {
    **{name: name for name in TYPES if name not in ("object", "array", "null")},
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
}
_CHOICE = re.compile(r"\s*[\w-]+(?: [\w-]+)?\s*(?:\|\s*[\w-]+(?: [\w-]+)?\s*)+")
_FORMATS = (
    ("date", re.compile(r"\d{4}-\d\d-\d\d|YYYY-MM-DD")),
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*")),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("uri", re.compile(r"https?://\S+")),
)
_LONGEST_DESCRIPTION = 300


def schema_of_example(example: Mapping[str, object]) -> Mapping[str, object]:
    """The schema of objects with all members of the example, and no others."""
    return {
        "type": "object",
        "properties": {name: _schema_of(value) for name, value in example.items()},
        "required": list(example),
        "additionalProperties": False,
    }


def _schema_of(value: object) -> Mapping[str, object]:
    if is_object(value):
        return schema_of_example(value)
    if is_array(value):
        items = _schema_of(value[0]) if value else {"type": "string"}
        return {"type": "array", "items": items, "minItems": 1}
    if isinstance(value, str):
        return _schema_of_text(value)
    if isinstance(value, bool):
        return {"type": "boolean"}
    if value is None:
        return {"type": ["string", "null"]}
    share = isinstance(value, float) and 0 < value < 1
    if share:
        return {"type": "number", "minimum": 0, "maximum": 1}
    return {"type": "integer" if isinstance(value, int) else "number"}


def _schema_of_text(text: str) -> Mapping[str, object]:
    """A text may name a type, list what is allowed, or describe what belongs in its place."""
    word = text.strip(" <>[]()").lower()
    if word in _TYPE_WORDS:
        return {"type": _TYPE_WORDS[word]}
    if _CHOICE.fullmatch(text[:_LONGEST_DESCRIPTION]) and len(text) <= _LONGEST_DESCRIPTION:
        choices = [choice.strip() for choice in text.split("|")]
        types = [_TYPE_WORDS.get(choice, choice if choice == "null" else "") for choice in choices]
        return {"type": types} if all(types) else {"enum": choices}
    for form, pattern in _FORMATS:
        if pattern.fullmatch(text[:_LONGEST_DESCRIPTION]):
            return {"type": "string", "format": form}
    return {"type": "string", "description": text[:_LONGEST_DESCRIPTION]}
