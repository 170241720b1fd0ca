from collections.abc import Callable
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from simulator.hosting.triggers import HttpTrigger, TriggerError, read_triggers

Register = Callable[[func.FunctionApp], Any]


async def answer(req: Request) -> Response:
    return Response(req.method)


def read(*routes: tuple[str, str | None, tuple[str, ...] | None], prefix: str = "") -> Any:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
    for name, route, methods in routes:
        app.function_name(name)(app.route(route, methods=methods)(answer))
    return read_triggers(app.get_functions(), prefix)


def templates(*routes: str) -> list[str]:
    triggers = read(*((f"f{i}", route, None) for i, route in enumerate(routes)))
    return [trigger.template for trigger in triggers.http]


@pytest.mark.parametrize(
    "routes",
    [
        ["a/b", "a/{x}", "a/{x}/c"],
        ["a/{x}/c", "a/{x}/{y}", "{*rest}"],
        ["a/b/c", "a/{x}/c", "b/{*rest}"],
        ["openai/v1/models", "openai/{*rest}", "{*path}"],
    ],
)
def test_literals_are_tried_before_parameters_before_a_catch_all(routes: list[str]) -> None:
    assert templates(*reversed(routes)) == routes


def test_the_route_prefix_comes_before_every_route() -> None:
    assert read(("f", "a", None), prefix="api").http[0].template == "api/a"


def test_a_function_without_a_route_is_served_under_its_name() -> None:
    assert read(("hello", None, None)).http[0].template == "hello"


def test_a_function_without_methods_takes_all() -> None:
    assert {"GET", "PATCH", "HEAD", "OPTIONS"} < read(("f", "a", None)).http[0].methods


@pytest.mark.parametrize("route", ["admin/x", "Admin", "runtime/x", "RUNTIME"])
def test_a_reserved_route_is_refused(route: str) -> None:
    with pytest.raises(TriggerError, match="function f: its route"):
        read(("f", route, None))


def test_a_catch_all_before_the_end_is_refused() -> None:
    with pytest.raises(TriggerError, match="a catch-all ends a route"):
        read(("f", "a/{*rest}/b", None))


@pytest.mark.parametrize(("one", "other"), [("a/b", "A/B"), ("a/{x}", "a/{y}")])
def test_two_functions_for_one_path_and_method_are_refused(one: str, other: str) -> None:
    with pytest.raises(TriggerError, match="function g: its route and method are those of f too"):
        read(("f", one, ("GET", "POST")), ("g", other, ("POST",)))


def test_two_functions_for_one_path_with_methods_of_their_own_are_served() -> None:
    assert len(read(("f", "a/{x}", ("GET",)), ("g", "a/{x}", ("DELETE",))).http) == 2


@pytest.mark.parametrize("other", ["a/{x}", "a/{x}/b"])
def test_a_parameter_and_a_catch_all_at_one_depth_are_refused(other: str) -> None:
    with pytest.raises(TriggerError, match="at one depth"):
        read(("f", "a/{*rest}", None), ("g", other, None))


def test_a_function_with_the_other_request_type_is_refused() -> None:
    async def legacy(req: func.HttpRequest) -> func.HttpResponse:
        raise NotImplementedError

    app = func.FunctionApp()
    app.route("a")(legacy)
    with pytest.raises(TriggerError, match="not of the HTTP extension's type"):
        read_triggers(app.get_functions())


def test_a_trigger_that_is_neither_http_nor_timer_is_refused() -> None:
    def poll(msg: func.QueueMessage) -> None:
        raise NotImplementedError

    app = func.FunctionApp()
    app.queue_trigger("msg", "queue", "connection")(poll)
    with pytest.raises(TriggerError, match="a queueTrigger cannot be served here"):
        read_triggers([*app.get_functions()])


@pytest.mark.parametrize("schedule", ["* * * * *", "every day", "99 * * * * *", "%SCHEDULE%"])
def test_a_timer_without_a_schedule_of_six_fields_is_refused(schedule: str) -> None:
    def tick(timer: func.TimerRequest) -> None:
        raise NotImplementedError

    app = func.FunctionApp()
    app.timer_trigger("timer", schedule)(tick)
    with pytest.raises(TriggerError, match="is not a schedule of six fields"):
        read_triggers(app.get_functions())


async def _nothing(request: object) -> None:
    del request


segments = st.lists(st.text("abc.+*", min_size=1), min_size=1, max_size=4)


@given(segments)
def test_a_literal_route_is_found_by_its_own_path_only(parts: list[str]) -> None:
    pattern = HttpTrigger("f", "/".join(parts), frozenset({"GET"}), _nothing).pattern
    path = "/" + "/".join(parts)
    assert pattern.fullmatch(path)
    assert not pattern.fullmatch(path + "x")


@given(st.text(min_size=1).filter(lambda text: "/" not in text), st.text())
def test_parameters_and_catch_alls_take_what_stands_in_their_place(one: str, rest: str) -> None:
    pattern = HttpTrigger("f", "a/{one}/{*rest}", frozenset({"GET"}), _nothing).pattern
    match = pattern.fullmatch(f"/A/{one}/{rest}")
    assert match is not None
    assert match.groupdict() == {"one": one, "rest": rest}
