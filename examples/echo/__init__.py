"""An operation of one's own: `/echo` and all below it answer with what they were sent.

EXTENSION_PATH=examples/echo; ECHO_GREETING is a setting of its own.
"""

import json

from simulator.extensions import (
    Answer,
    Call,
    Extensions,
    InvalidRequest,
    Operation,
    Resources,
    Route,
    Target,
    Tempo,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Echo(Operation[str]):
    """What `parse` returns, here a text, is what `generate` finds in `call.parsed`."""

    name = "echo"
    routes = tuple(Route(method, "echo/{*path}") for method in METHODS)

    def __init__(self, resources: Resources, greeting: str) -> None:
        super().__init__(resources)
        self._greeting = greeting

    def parse(self, target: Target) -> str:
        try:
            return target.request.body.decode()
        except UnicodeDecodeError:
            raise InvalidRequest("An echo is made of UTF-8.") from None

    async def generate(self, call: Call[str], tempo: Tempo) -> Answer:
        told = {
            "greeting": self._greeting,
            "method": call.request.method,
            "path": call.path_parameters["path"],
            "query": dict(call.request.query),
            "body": call.parsed,
        }
        return Answer.plain(json.dumps(told).encode(), due=tempo.at(1))


def initialize(extensions: Extensions) -> None:
    greeting = extensions.settings.get("ECHO_GREETING", "Hello")
    extensions.add_operation(lambda resources: Echo(resources, greeting))
