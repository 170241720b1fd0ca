"""Refusals of bodies in the words that Anthropic's API has for them, which are pydantic's."""

import re

from simulator.errors import InvalidRequest, UnknownArguments
from simulator.wire.body import MALFORMED

_INDEX = re.compile(r"\[(\d+)\]")
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


def in_pydantics_words(error: InvalidRequest) -> InvalidRequest:
    """The refusal of a body's shape, as pydantic words it; any other one stays."""
    if error.message == MALFORMED:
        return InvalidRequest("The request body is not valid JSON.")
    if isinstance(error, UnknownArguments):
        return InvalidRequest(f"{error.names[0]}: Extra inputs are not permitted")
    problem = _problem(error)
    if problem is None or error.param is None:
        return error
    place = _INDEX.sub(r".\1", error.param)
    return InvalidRequest(f"{place}: {problem}")


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
    if noun.startswith("an array"):
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
