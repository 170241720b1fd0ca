from typing import Any

import pytest

from simulator.assembly.operations import OPERATIONS
from simulator.assembly.timers import Timer
from simulator.hosting.functions_app import CATCH_ALL, METHODS, create_app, triggers_of
from simulator.hosting.triggers import read_triggers
from simulator.operations.base import Operation
from simulator.operations.routes import Route


def operation(*routes: tuple[str, str]) -> type[Operation[Any]]:
    taken = tuple(Route(*route) for route in routes)
    return type("Sample", (Operation,), {"name": "sample", "routes": taken})


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ([("POST", "openai/a")], [("sample", "openai/a", ("POST",))]),
        (
            [("POST", "openai/a"), ("POST", "openai/v1/a")],
            [("sample", "openai/a", ("POST",)), ("sample_v1", "openai/v1/a", ("POST",))],
        ),
        ([("POST", "openai/v1/a")], [("sample", "openai/v1/a", ("POST",))]),
        (
            [("GET", "++/a"), ("PATCH", "++/a"), ("GET", "simulator/a")],
            [("sample", "++/a", ("GET", "PATCH")), ("sample_2", "simulator/a", ("GET",))],
        ),
        (
            [("GET", "openai/a"), ("GET", "openai/v1/a"), ("GET", "openai/v1/b")],
            [
                ("sample", "openai/a", ("GET",)),
                ("sample_v1", "openai/v1/a", ("GET",)),
                ("sample_v1_2", "openai/v1/b", ("GET",)),
            ],
        ),
        ([("GET", "")], []),
    ],
)
def test_each_template_has_one_trigger_named_after_the_operation(
    routes: list[tuple[str, str]], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert list(triggers_of(operation(*routes))) == expected


async def test_a_timer_has_a_trigger_with_its_name_and_schedule_that_runs_it(
    make_simulator: Any,
) -> None:
    runs: list[str] = []

    async def run() -> None:
        runs.append("run")

    timer = Timer("tidy_up", "0 0 4 * * *", run)
    app = create_app(make_simulator(), OPERATIONS, [timer])
    (trigger,) = read_triggers(app.get_functions()).timers
    await trigger.handler(object())
    assert (trigger.name, trigger.schedule, runs) == ("tidy_up", "0 0 4 * * *", ["run"])


def test_two_templates_of_one_name_are_numbered() -> None:
    routes = [("GET", f"++/{letter}") for letter in "abc"]
    names = [name for name, _, _ in triggers_of(operation(*routes))]
    assert names == ["sample", "sample_2", "sample_3"]


def test_the_functions_host_takes_every_trigger_of_the_app(make_simulator: Any) -> None:
    triggers = read_triggers(create_app(make_simulator(), OPERATIONS).get_functions())
    assert (triggers.http[-1].name, triggers.http[-1].methods) == (CATCH_ALL, frozenset(METHODS))
