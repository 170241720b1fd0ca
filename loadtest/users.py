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
    asker = _user_class(chat, pause, lambda user: samples.append(_ask(user, chat, began)))
    environment = Environment(
        user_classes=[asker], stop_timeout=_LAST_ANSWERS, catch_exceptions=False
    )
    runner = environment.create_local_runner()
    started = time.perf_counter()
    runner.start(users, spawn_rate=users)
    while (passed := time.perf_counter() - started) < duration:
        gevent.sleep(min(1.0, duration - passed))
        progress(time.perf_counter() - started, samples)
    runner.quit()
    return samples


def _user_class(chat: Chat, pause: float, turn: Callable[[HttpUser], None]) -> type[HttpUser]:
    class Asker(HttpUser):
        host = chat.endpoint
        wait_time = constant(pause)

        @task
        def ask(self) -> None:
            turn(self)

    return Asker


def _ask(user: HttpUser, chat: Chat, began: float) -> Sample:
    """Send one request, and read its answer to the end."""
    asked = time.perf_counter()
    with user.client.post(
        chat.path,
        name=chat.deployment,
        headers=chat.headers,
        json=chat.streamed_body,
        stream=True,
        catch_response=True,
    ) as answer:
        streamed, status = Streamed(), answer.status_code
        if status == 200:
            streamed = read_stream(answer.iter_lines(), time.perf_counter)
            status = 200 if streamed.whole else 0
        elapsed = time.perf_counter() - asked
        headers = answer.headers or {}
        answer.success()  # whether it is one, the scenario says
    limit, retry_after = refusal_of(headers)
    return Sample(
        asked - began,
        elapsed,
        status,
        limit,
        retry_after,
        tokens=streamed.completion_tokens,
        prompt_tokens=streamed.prompt_tokens,
        first_token=None if streamed.first is None else streamed.first - asked,
        instance=headers.get(INSTANCE_HEADER, ""),
    )
