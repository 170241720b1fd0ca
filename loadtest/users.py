"""The users: Locust runs them, and a sample is kept of each request."""

import time
from collections.abc import Callable, Sequence

import gevent
from locust import HttpUser, constant, task
from locust.env import Environment

from loadtest.samples import Sample, refusal_of
from loadtest.service import Chat
from loadtest.streams import Streamed, read_stream

# Seconds for which answers that are under way at the end are waited for.
_LAST_ANSWERS = 60


INSTANCE_HEADER = "x-simulator-instance"

Progress = Callable[[float, Sequence[Sample]], None]


def put_load(
    chat: Chat,
    *,
    users: int,
    duration: float,
    pause: float,
    began: float,
    progress: Progress,
) -> list[Sample]:
    """Let users send requests for `duration` seconds, each a `pause` after its last answer. The `sent`
    of a sample counts from `began`, a value of `time.perf_counter`. Each second `progress` gets the
    seconds since the start of the load and the samples until then.
    """
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
                json=chat.streamed_body,
                stream=True,
                catch_response=True,
            ) as answer:
                streamed = Streamed()
                status = answer.status_code
                if status == 200:
                    streamed = read_stream(answer.iter_lines(), time.perf_counter)
                    status = 200 if streamed.whole else 0
                elapsed = time.perf_counter() - asked
                headers = answer.headers or {}
                limit, told_when = refusal_of(headers)
                answer.success()  # whether it is one, the scenario says
            samples.append(
                Sample(
                    asked - began,
                    elapsed,
                    status,
                    limit,
                    told_when,
                    tokens=streamed.completion_tokens,
                    prompt_tokens=streamed.prompt_tokens,
                    first_token=None if streamed.first is None else streamed.first - asked,
                    instance=headers.get(INSTANCE_HEADER, ""),
                )
            )

    environment = Environment(
        user_classes=[Asker], stop_timeout=_LAST_ANSWERS, catch_exceptions=False
    )
    runner = environment.create_local_runner()
    started = time.perf_counter()
    runner.start(users, spawn_rate=users)
    while (passed := time.perf_counter() - started) < duration:
        gevent.sleep(min(1.0, duration - passed))
        progress(time.perf_counter() - started, samples)
    runner.quit()
    return samples
