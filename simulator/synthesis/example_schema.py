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
    "true or false": "boolean",
    "true/false": "boolean",
}
_LIST_OF = re.compile(r"(?:an? )?(?:array|list) of (.+?)s?", re.IGNORECASE)
_CHOICE = re.compile(r"\s*[\w-]+(?: [\w-]+)?\s*(?:\|\s*[\w-]+(?: [\w-]+)?\s*)+")
_RANGE = re.compile(r"\b(\d{1,9}(?:\.\d{1,9})?) ?(?:and|to|-) ?(\d{1,9}(?:\.\d{1,9})?)\b")
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
        return schema_of_text(value)
    if isinstance(value, bool):
        return {"type": "boolean"}
    if value is None:
        return {"type": ["string", "null"]}
    share = isinstance(value, float) and 0 < value < 1
    if share:
        return {"type": "number", "minimum": 0, "maximum": 1}
    return {"type": "integer" if isinstance(value, int) else "number"}


def schema_of_text(text: str) -> Mapping[str, object]:
    """A text may name a type, list what is allowed, or describe what belongs in its place."""
    if listed := _LIST_OF.fullmatch(text[:_LONGEST_DESCRIPTION]):
        return {"type": "array", "items": schema_of_text(listed[1]), "minItems": 1}
    word = text.strip(" <>[]()").lower()
    if word in _TYPE_WORDS:
        return {"type": _TYPE_WORDS[word]}
    if (beginning := _TYPE_WORDS.get(word.split(" ")[0].rstrip(",:;"))) and beginning != "string":
        return _described(beginning, text[:_LONGEST_DESCRIPTION])
    if _CHOICE.fullmatch(text[:_LONGEST_DESCRIPTION]) and len(text) <= _LONGEST_DESCRIPTION:
        choices = [choice.strip() for choice in text.split("|")]
        types = [_TYPE_WORDS.get(choice, choice if choice == "null" else "") for choice in choices]
        return {"type": types} if all(types) else {"enum": choices}
    for form, pattern in _FORMATS:
        if pattern.fullmatch(text[:_LONGEST_DESCRIPTION]):
            return {"type": "string", "format": form}
    return {"type": "string", "description": text[:_LONGEST_DESCRIPTION]}


def _described(of_type: str, text: str) -> Mapping[str, object]:
    """A type with more words: `number of guests`, `float between 0 and 1`, `boolean, true if late`."""
    schema: dict[str, object] = {"type": of_type, "description": text}
    bounds = _RANGE.search(text)
    if bounds and of_type != "boolean" and float(bounds[1]) < float(bounds[2]):
        schema |= {"minimum": float(bounds[1]), "maximum": float(bounds[2])}
    return schema
