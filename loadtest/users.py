"""The users: Locust runs them, and a sample is kept of each request."""

import time

import gevent
from locust import HttpUser, constant, task
from locust.env import Environment

from loadtest.samples import Sample, refusal_of
from loadtest.service import Chat

# Seconds for which answers that are under way at the end are waited for.
_LAST_ANSWERS = 60


def put_load(
    chat: Chat, *, users: int, duration: float, pause: float, began: float
) -> list[Sample]:
    """Lets users ask for `duration` seconds, each a `pause` after its last answer. What the samples
    call `sent` counts from `began`, a value of `time.perf_counter`."""
    samples: list[Sample] = []

    class Asker(HttpUser):
        host = chat.endpoint
        wait_time = constant(pause)

        @task
        def ask(self) -> None:
            asked = time.perf_counter()
            with self.client.post(
                chat.path,
                name=chat.deployment,
                headers=chat.headers,
                json=chat.body,
                catch_response=True,
            ) as answer:
                elapsed = time.perf_counter() - asked
                limit, told_when = refusal_of(answer.headers or {})
                status = answer.status_code
                tokens = answer.json()["usage"]["completion_tokens"] if status == 200 else 0
                answer.success()  # whether it is one, the scenario says
            samples.append(Sample(asked - began, elapsed, status, limit, told_when, tokens))

    environment = Environment(
        user_classes=[Asker], stop_timeout=_LAST_ANSWERS, catch_exceptions=False
    )
    runner = environment.create_local_runner()
    runner.start(users, spawn_rate=users)
    gevent.sleep(duration)
    runner.quit()
    return samples
