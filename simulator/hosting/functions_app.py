"""The Functions app: an HTTP trigger for each operation's route and one for the rest, and timers."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

import azure.functions as func

from simulator.assembly.timers import Timer
from simulator.hosting.bodies import Bodies
from simulator.hosting.starlette_border import BodyReader, serve
from simulator.hosting.worker_leak import kept_invocations, released
from simulator.hosting.worker_server import Request, Response
from simulator.messages import Request as OurRequest
from simulator.messages import Response as OurResponse
from simulator.operations.base import Operation

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
CATCH_ALL = "catch_all"
LARGEST_BODY = 100 * 2**20
"""In bytes; the Functions host's own bound."""


def create_app(
    simulator: Callable[[OurRequest, BodyReader], Awaitable[OurResponse]],
    operations: Iterable[type[Operation[Any]]],
    timers: Iterable[Timer] = (),
    *,
    largest_body: int = LARGEST_BODY,
) -> func.FunctionApp:
    """An app whose triggers all lead to the simulator, which finds the operation by itself.

    The triggers let everyone through: the simulator checks keys. `largest_body` is in bytes.
    """
    # The worker imports the app, so if there is one, it is loaded by now.
    kept = kept_invocations()
    bodies = Bodies(largest_body)

    async def answer(req: Request) -> Response:
        return released(await serve(simulator, req, bodies), kept)

    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    def add(name: str, template: str, methods: Iterable[str]) -> None:
        app.function_name(name)(app.route(template, methods=methods)(answer))

    for operation in operations:
        for name, template, methods in triggers_of(operation):
            add(name, template, methods)
    add(CATCH_ALL, "{*path}", METHODS)
    for timer in timers:
        _add_timer(app, timer)
    return app


def _add_timer(app: func.FunctionApp, timer: Timer) -> None:
    async def run(timer_request: func.TimerRequest) -> None:
        del timer_request
        await timer.run()

    trigger = app.timer_trigger(arg_name="timer_request", schedule=timer.schedule)
    app.function_name(timer.name)(trigger(run))


def triggers_of(operation: type[Operation[Any]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Name, template and methods of each trigger of an operation.

    The first is named after the operation, a v1 one `NAME_v1`, and what would be called the same
    gets a number: `NAME_2`. An empty template has no trigger (the host takes it for the function's
    name): the catch-all serves it.
    """
    methods: dict[str, list[str]] = {}
    for route in operation.routes:
        if route.template:
            methods.setdefault(route.template, []).append(route.method)
    taken: set[str] = set()
    for template, allowed in methods.items():
        plain = operation.name + ("_v1" if taken and template.startswith("openai/v1/") else "")
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name)
        yield name, template, tuple(allowed)
