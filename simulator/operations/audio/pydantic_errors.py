"""Refusals in the words of pydantic, which the speech operation passes on as they are (reported by
users): the Python form of a list of errors is the message."""

from collections.abc import Sequence

from simulator.errors import InvalidRequest


def refuse_other(name: str, value: str, allowed: Sequence[str]) -> None:
    """Raises unless the value is one of those allowed."""
    if value not in allowed:
        *others, last = (f"'{item}'" for item in allowed)
        expected = f"{', '.join(others)} or {last}"
        _refuse("enum", name, f"Input should be {expected}", value, {"expected": expected})


def refuse_length(name: str, value: str, least: int, most: int) -> None:
    """Raises unless the value has as many characters."""
    if len(value) < least:
        message = f"String should have at least {least} character{'s' if least > 1 else ''}"
        _refuse("string_too_short", name, message, value, {"min_length": least})
    if len(value) > most:
        message = f"String should have at most {most} characters"
        _refuse("string_too_long", name, message, value, {"max_length": most})


def refuse_outside(name: str, value: float, least: float, most: float) -> None:
    """Raises unless the value lies between."""
    if value < least:
        message = f"Input should be greater than or equal to {least:g}"
        _refuse("greater_than_equal", name, message, value, {"ge": least})
    if value > most:
        message = f"Input should be less than or equal to {most:g}"
        _refuse("less_than_equal", name, message, value, {"le": most})


def _refuse(kind: str, name: str, message: str, value: object, context: object) -> None:
    error = {"type": kind, "loc": ("body", name), "msg": message, "input": value, "ctx": context}
    raise InvalidRequest(str([error]))
