"""Texts with places for the request's own values, such as `{{last_message}}`; there is no code in them."""

import re

import msgspec

from simulator.json_schema.json_values import is_array, is_object
from simulator.rules.errors import BadRule, hint
from simulator.rules.subject import Subject, at_pointer

_PLACE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAMES = ("last_message", "operation", "deployment", "model")
_BODY, _HEADER = "body.", "header."
LONGEST = 400_000
"""Characters of a text with all values in it; what comes after is cut."""


def check_template(rule: str, member: str, value: object) -> None:
    """Raises `BadRule` for a placeholder that stands for nothing, in any text of the value."""
    if isinstance(value, str):
        for name in _PLACE.findall(value):
            if not _known(name):
                raise BadRule(
                    rule,
                    f"'{{{{{name[:60]}}}}}' stands for nothing. There are {', '.join(_NAMES)}, "
                    f"body. with a JSON pointer, and header. with a name.{hint(name, _NAMES)}",
                    member=member,
                )
    elif is_array(value):
        for item in value:
            check_template(rule, member, item)
    elif is_object(value):
        for item in value.values():
            check_template(rule, member, item)


def _known(name: str) -> bool:
    if name.startswith(_BODY):
        pointer = name.removeprefix(_BODY)
        return not pointer or pointer.startswith("/")
    return name in _NAMES or (name.startswith(_HEADER) and len(name) > len(_HEADER))


def filled(text: str, subject: Subject) -> str:
    """The text with the request's values, which are not expanded again."""
    if "{{" not in text:
        return text
    pieces: list[str] = []
    end = size = 0
    for place in _PLACE.finditer(text):
        pieces += (text[end : place.start()], _value(place[1], subject))
        end = place.end()
        size += len(pieces[-1]) + len(pieces[-2])
        if size > LONGEST:
            break
    return "".join((*pieces, text[end:]))[:LONGEST]


def filled_json(value: object, subject: Subject) -> str:
    """The value as compact JSON, each of its texts filled."""
    filled_value = _filled_value(value, subject)
    return msgspec.json.encode(filled_value).decode()


def _filled_value(value: object, subject: Subject) -> object:
    if isinstance(value, str):
        return filled(value, subject)
    if is_array(value):
        return [_filled_value(item, subject) for item in value]
    if is_object(value):
        return {key: _filled_value(item, subject) for key, item in value.items()}
    return value


def _value(name: str, subject: Subject) -> str:
    if name.startswith(_HEADER):
        return subject.headers.get(name.removeprefix(_HEADER).lower(), "")
    if name.startswith(_BODY):
        found, value = at_pointer(subject.body, name.removeprefix(_BODY))
        if not found:
            return ""
        return value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return {
        "last_message": subject.last_message,
        "operation": subject.operation,
        "deployment": subject.deployment,
        "model": subject.model,
    }[name]
