"""The triggers of a Functions app, read and checked as the Functions host does."""

import asyncio
import inspect
import json
import re
import typing
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request

from simulator.errors import StartError
from simulator.wire.route_template import Segment, segments_of

_UserFunction = Callable[..., Any]
Handler = Callable[[Any], Awaitable[Any]]

_ALL_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_RESERVED = ("admin", "runtime")
_PARAMETER, _CATCH_ALL = "{}", "{*}"
_SHAPES = ("", _PARAMETER, _CATCH_ALL)
_OTHER = {_PARAMETER: _CATCH_ALL, _CATCH_ALL: _PARAMETER}


class TriggerError(StartError):
    """A trigger that the Functions host would refuse; the text names its function."""

    exit_code = 1

    def __init__(self, function: str, why: str) -> None:
        super().__init__(f"function {function}: {why}")


class Function(Protocol):
    """The description that an `azure.functions` app gives of each of its functions."""

    def get_function_name(self) -> str | None: ...
    def get_raw_bindings(self) -> list[str]: ...
    def get_user_function(self) -> _UserFunction: ...


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """`template` includes the route prefix; `handler` takes the request."""

    name: str
    template: str
    methods: frozenset[str]
    handler: Handler

    @property
    def segments(self) -> tuple[Segment, ...]:
        return segments_of(self.template)

    @property
    def precedence(self) -> tuple[int, ...]:
        """Smaller is tried first: at each depth literals, then parameters, then a catch-all."""
        return tuple(segment.rank for segment in self.segments)

    @property
    def shape(self) -> tuple[str, ...]:
        """The template with its parameters unnamed; equal for routes that match the same paths."""
        return tuple(_SHAPES[segment.rank] + segment.literal.lower() for segment in self.segments)

    @property
    def pattern(self) -> re.Pattern[str]:
        """The regular expression of this route's paths; like the host's, it ignores the case."""
        return re.compile(
            "/" + "/".join(map(_expression, self.segments)), re.IGNORECASE | re.DOTALL
        )


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """`schedule` is an NCRONTAB expression of six fields, seconds first, in UTC."""

    name: str
    schedule: str
    handler: Handler


@dataclass(frozen=True, slots=True)
class Triggers:
    """All triggers of an app; the HTTP ones in the order in which they are tried."""

    http: tuple[HttpTrigger, ...]
    timers: tuple[TimerTrigger, ...]


def read_triggers(functions: Iterable[Function], route_prefix: str = "") -> Triggers:
    """Reads them, or raises `TriggerError` for the first one that the host would refuse."""
    http: list[HttpTrigger] = []
    timers: list[TimerTrigger] = []
    for function in functions:
        name, handler = function.get_function_name() or "", function.get_user_function()
        bindings: list[dict[str, Any]] = list(map(json.loads, function.get_raw_bindings()))
        trigger = next(binding for binding in bindings if binding["type"].endswith("Trigger"))
        if trigger["type"] == "httpTrigger":
            http.append(_http(name, trigger, handler, route_prefix))
        elif trigger["type"] == "timerTrigger":
            timers.append(_timer(name, trigger, handler))
        else:
            raise TriggerError(name, f"a {trigger['type']} cannot be served here")
    _check_overlaps(http)
    return Triggers(tuple(sorted(http, key=lambda trigger: trigger.precedence)), tuple(timers))


def _http(name: str, trigger: dict[str, Any], handler: _UserFunction, prefix: str) -> HttpTrigger:
    route: str = trigger.get("route") or name
    if route.lower().startswith(_RESERVED):
        raise TriggerError(
            name, f"its route {route} conflicts with the host's own /admin, /runtime"
        )
    if any(segment.open_ended for segment in segments_of(route)[:-1]):
        raise TriggerError(name, f"a catch-all ends a route, but in {route} it does not")
    expected = typing.get_type_hints(handler).get(trigger["name"], Request)
    if not (inspect.isclass(expected) and issubclass(expected, Request)):
        raise TriggerError(
            name,
            "its request is not of the HTTP extension's type, so the worker would index nothing",
        )
    template = "/".join(filter(None, (prefix.strip("/"), route)))
    methods = frozenset(method.upper() for method in trigger.get("methods") or _ALL_METHODS)
    return HttpTrigger(name, template, methods, _handler(handler, trigger["name"]))


def _timer(name: str, trigger: dict[str, Any], handler: _UserFunction) -> TimerTrigger:
    from croniter import croniter  # 20 ms that an app without timers need not pay

    schedule: str = trigger["schedule"]
    if len(schedule.split()) != 6 or not croniter.is_valid(schedule, second_at_beginning=True):
        raise TriggerError(name, f"{schedule!r} is not a schedule of six fields, seconds first")
    return TimerTrigger(name, schedule, _handler(handler, trigger["name"]))


def _handler(function: _UserFunction, parameter: str) -> Handler:
    """A synchronous function runs on a thread, as in the worker."""
    if inspect.iscoroutinefunction(function):
        first = next(iter(inspect.signature(function).parameters))
        return function if first == parameter else lambda value: function(**{parameter: value})
    return lambda value: asyncio.to_thread(function, **{parameter: value})


def _check_overlaps(triggers: Iterable[HttpTrigger]) -> None:
    alike: dict[tuple[str, ...], list[HttpTrigger]] = {}
    # By what stands before a parameter or a catch-all, and by which of both it is.
    variable: dict[tuple[tuple[str, ...], str], HttpTrigger] = {}
    for trigger in triggers:
        shape = trigger.shape
        same = alike.setdefault(shape, [])
        for one in same:
            if one.methods & trigger.methods:
                raise TriggerError(
                    trigger.name, f"its route and method are those of {one.name} too"
                )
        same.append(trigger)
        for depth, segment in enumerate(shape):
            if segment not in _OTHER:
                continue
            if other := variable.get((shape[:depth], _OTHER[segment])):
                both = f"{other.template} and {trigger.template}"
                raise TriggerError(
                    trigger.name, f"a parameter and a catch-all at one depth in {both}"
                )
            variable.setdefault((shape[:depth], segment), trigger)


def _expression(segment: Segment) -> str:
    literal = re.escape(segment.literal)
    if segment.open_ended:
        return f"(?P<{segment.parameter}>.*)"
    return f"(?P<{segment.parameter}>[^/]+){literal}" if segment.parameter else literal
