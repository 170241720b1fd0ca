"""A second file for Locust, which ends a run as soon as both kinds of requests were answered."""

from typing import Any

import gevent
from locust import events
from locust.env import Environment

ANSWERED = {"chat", "stream"}


@events.init.add_listener
def ends_early(environment: Environment, **_: Any) -> None:
    waited_for = set(ANSWERED)

    def answered(name: str, **_: Any) -> None:
        waited_for.discard(name)
        if not waited_for and environment.runner is not None:
            gevent.spawn(environment.runner.quit)

    environment.events.request.add_listener(answered)
