"""Parameters in the query of the simulator's own routes."""

import datetime
import math
import re
from collections.abc import Collection

from simulator.errors import InvalidRequest
from simulator.messages import Request
from simulator.suggestions import did_you_mean

_ZONE_AFTER_BLANK = re.compile(r" (?=\d\d:?\d\d\Z)")
"""The blank that the plus of a time zone becomes in a query that nobody has encoded."""


def check_names(request: Request, known: frozenset[str] = frozenset()) -> None:
    """Raises `InvalidRequest` for the first parameter that the route does not have; clients and
    gateways add an api-version to all that they send."""
    for name in request.query:
        if name not in known and name != "api-version":
            there = f"There are: {', '.join(sorted(known))}" if known else "There are none"
            raise InvalidRequest(
                f"Unknown parameter: {name[:64]!r}. {there}.",
                param=name[:64],
                code="unknown_parameter",
            )


def moment(request: Request, name: str) -> float | None:
    """Return seconds since 1970: from such a number, or from a date and time of ISO 8601 (UTC unless
    it says otherwise). None if the parameter is not there."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        seconds = _seconds(text)
    except (ValueError, OverflowError):
        seconds = math.nan
    if not math.isfinite(seconds):
        raise _refused(name, "seconds since 1970, or a date and time such as 2026-11-25T12:00:00Z")
    return seconds


def whole(request: Request, name: str, *, default: int | None, least: int, most: int) -> int | None:
    """Return a whole number within its bounds, or the default."""
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or len(text) > 9 or not least <= int(text) <= most:
        raise _refused(name, f"a whole number from {least} to {most}")
    return int(text)


def choice(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    """Return one of the allowed words, the first by default."""
    word = request.query.get(name, allowed[0])
    if word not in allowed:
        raise _refused(name, f"one of {', '.join(allowed)}")
    return word


def one_of(request: Request, name: str, known: Collection[str]) -> str | None:
    """Return the parameter, which must be one of the known names; None if it is not there."""
    found = request.query.get(name)
    if found is not None and found not in known:
        raise InvalidRequest(
            f"Invalid value for '{name}': {found[:64]!r} is not known; {did_you_mean(found, sorted(known))}",
            param=name,
            code="invalid_value",
        )
    return found


def iso(seconds: float) -> str:
    """Return a moment as ISO 8601 in UTC, to the millisecond."""
    at = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        at = datetime.datetime.fromisoformat(_ZONE_AFTER_BLANK.sub(_plus_of, text))
        return (at if at.tzinfo else at.replace(tzinfo=datetime.UTC)).timestamp()


def _plus_of(blank: re.Match[str]) -> str:
    """The plus where a time of day is before it; else it is between a date and its time."""
    return "+" if ":" in blank.string[: blank.start()] else " "


def _refused(name: str, allowed: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid value for '{name}': expected {allowed}.", param=name, code="invalid_value"
    )
