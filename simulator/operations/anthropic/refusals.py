"""Refusals of bodies in the words that Anthropic's API has for them, which are pydantic's."""

import re

import msgspec

from simulator.errors import InvalidRequest, MalformedJson, UnknownArguments
from simulator.json_schema.json_values import as_object
from simulator.wire.body_places import Steps, value_at

_LONGEST_TAG = 100
_STEP = re.compile(r"[^.\[\]]+")
_is_index = re.compile(r"[0-9]{1,9}").fullmatch
_EXPECTED = re.compile(r"expected (.+?), but got")
_SUPPORTED = re.compile(r"Supported values are: (.+)\.$", re.DOTALL)
_LENGTH = re.compile(r"with (maximum|minimum) length (\d+)")
_BOUND = re.compile(r"Expected a value (>=|<=) (\S+), but")
_PATTERN = re.compile(r"matches the pattern '(.+)'\.$")
_KINDS = {
    "a string": "valid string",
    "an integer": "valid integer",
    "a decimal": "valid number",
    "a boolean": "valid boolean",
    "an object": "valid dictionary",
}
_WORDS = {">=": "greater than or equal to", "<=": "less than or equal to"}


def in_pydantics_words(error: InvalidRequest, body: bytes) -> InvalidRequest:
    """The refusal of a body's shape, as pydantic words it; any other one stays."""
    if isinstance(error, MalformedJson):
        return InvalidRequest("The request body is not valid JSON.")
    if isinstance(error, UnknownArguments):
        return InvalidRequest(f"{error.names[0]}: Extra inputs are not permitted")
    problem = _problem(error)
    if problem is None or error.param is None:
        return error
    steps = [int(step) if _is_index(step) else step for step in _STEP.findall(error.param)]
    *outer, last = steps
    if last == "type" and _is_union(outer) and (listed := _SUPPORTED.search(error.message)):
        tag = as_object(value_at(msgspec.json.decode(body), outer)).get("type")
        tags = ", ".join(sorted(re.findall(r"'[^']*'", listed[1])))
        return InvalidRequest(
            f"{_tagged(outer, body)}: Input tag '{str(tag)[:_LONGEST_TAG]}' found using 'type' does not match any of the "
            f"expected tags: {tags}"
        )
    return InvalidRequest(f"{_tagged(steps, body)}: {problem}")


def _is_union(place: Steps) -> bool:
    """True where a body has one of several objects, known by their `type`."""
    block = len(place) > 1 and place[-2] == "content" and isinstance(place[-1], int)
    return block or (bool(place) and place[-1] in ("source", "thinking", "tool_choice"))


def _tagged(place: Steps, body: bytes) -> str:
    """Name a place of a body, with the tag of each object in it that is one of several."""
    whole: object = msgspec.json.decode(body)
    named: Steps = []
    for at, step in enumerate(place, 1):
        named.append(step)
        if at < len(place) and _is_union(place[:at]) and place[at] != "type":
            tag = as_object(value_at(whole, place[:at])).get("type")
            named += [tag] if isinstance(tag, str) else []
    return ".".join(str(step) for step in named)


def _problem(error: InvalidRequest) -> str | None:
    match error.code:
        case "missing_required_parameter":
            return "Field required"
        case "unknown_parameter":
            return "Extra inputs are not permitted"
        case "invalid_type":
            return _of_type(error.message)
        case _:
            return _of_value(error.message)


def _of_type(message: str) -> str:
    found = _EXPECTED.search(message)
    noun = found[1] if found else ""
    if noun.startswith("one of '"):
        return _choice(noun)
    if "array of" in noun:
        return "Input should be a valid list"
    return f"Input should be a {_KINDS.get(noun, 'valid value')}"


def _choice(listed: str) -> str:
    *others, last = re.findall(r"'[^']*'", listed)
    return f"Input should be {', '.join(others)} or {last}" if others else f"Input should be {last}"


def _of_value(message: str) -> str | None:
    if supported := _SUPPORTED.search(message):
        return _choice(supported[1])
    if bound := _BOUND.search(message):
        return f"Input should be {_WORDS[bound[1]]} {bound[2]}"
    if pattern := _PATTERN.search(message):
        return f"String should match pattern '{pattern[1]}'"
    if length := _LENGTH.search(message):
        side = "at most" if length[1] == "maximum" else "at least"
        array = "an array" in message
        unit = "item" if array else "character"
        plural = "" if length[2] == "1" else "s"
        kind, end = ("List", " after validation") if array else ("String", "")
        return f"{kind} should have {side} {length[2]} {unit}{plural}{end}"
    return None
