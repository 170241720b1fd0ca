import json
import logging

import pytest
from msgspec import structs

from simulator.errors import RateLimited
from simulator.messages import Answer, LateFacts, Usage
from simulator.telemetry.journal_entries import entry_of
from simulator.telemetry.logs import REQUESTS
from simulator.telemetry.observation import Completion
from simulator.telemetry.request_log import RequestLog
from tests.telemetry.requests import (
    ANSWER,
    PROMPT,
    SECRET,
    answered,
    deployment,
    refused,
    seen,
    unknown,
)

NOW = 1_763_849_703.5


WHOLE = Completion(1.25, None)


def line(request, course=WHOLE, path=""):
    return json.loads(RequestLog().line(entry_of(request, course, NOW - course.seconds), path))


def test_a_line_says_what_was_asked_and_how_it_went() -> None:
    assert line(seen()) == {
        "time": "2025-11-22T22:15:03.500000Z",
        "operation": "chat_completions",
        "deployment": "my-gpt",
        "model": "gpt-4o-2024-11-20",
        "status": 200,
        "prompt_tokens": 9,
        "completion_tokens": 100,
        "seconds": 1.25,
        "request_id": "the-request-id",
    }


@pytest.mark.parametrize("told", [SECRET, PROMPT, ANSWER])
def test_a_line_has_no_key_no_prompt_and_no_answer(told: str) -> None:
    assert told not in json.dumps([line(seen()), line(refused(RateLimited(ANSWER, retry_after=1)))])


def test_a_streams_line_says_when_its_first_token_left() -> None:
    assert line(seen(), Completion(1.25, 0.25))["first_token_seconds"] == 0.25


def test_a_line_says_that_an_answer_was_cut() -> None:
    assert line(seen(), Completion(1.25, None, cut=True))["cut"] is True


def test_a_line_names_the_error() -> None:
    told = line(refused(RateLimited("wait", retry_after=1)))
    assert (told["status"], told["error"]) == (429, "RateLimited")


def test_a_request_that_spilled_over_is_given_the_name_of_the_deployment_that_answers() -> None:
    spilled = seen()
    assert line(seen(admission=None, served_by=deployment("other")))["deployment"] == "other"
    assert line(spilled)["deployment"] == "my-gpt"


def test_a_line_says_what_the_recording_did() -> None:
    assert line(seen(answered(headers={"x-recording": "hit"})))["recording"] == "hit"


def test_a_live_streams_line_says_how_it_ended() -> None:
    ending = LateFacts(Usage(3, 4), "stored")
    told = line(seen(Answer(200, (), streamed=True, ending=ending)))
    assert (told["recording"], told["prompt_tokens"], told["completion_tokens"]) == ("stored", 3, 4)


def test_the_path_is_shown_only_where_no_operation_is_found() -> None:
    path = "/wp-admin"
    assert (line(unknown(path), path=path)["path"], "path" in line(seen())) == (path, False)


@pytest.mark.parametrize("name", ["x" * 10_000, 'a"b\r\n{"time":"forged"}'])
def test_what_a_client_makes_up_stays_one_short_line(name: str) -> None:
    line = RequestLog().line(entry_of(unknown(f"/{name}"), WHOLE, NOW), f"/{name}")
    assert (len(line) < 300, "\n" in line, "\r" in line) == (True, False, False)


def test_lines_go_the_way_of_all_logs_by_default(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    RequestLog().write(["one", "two"])
    seen = [(record.name, record.levelname, record.message) for record in caplog.records]
    assert seen == [(REQUESTS, "INFO", "one"), (REQUESTS, "INFO", "two")]


@pytest.mark.parametrize(("level", "enabled"), [("INFO", True), ("WARNING", False)])
def test_the_level_says_whether_there_are_lines(
    caplog: pytest.LogCaptureFixture, level: str, enabled: bool
) -> None:
    caplog.set_level(level, logger="")
    assert RequestLog().enabled is enabled
    assert logging.getLogger(REQUESTS).level == logging.NOTSET


@pytest.mark.parametrize(
    ("fault", "facts"),
    [(None, (False, False)), ("broken", (True, False)), ("error", (False, True))],
)
def test_what_was_wrong_with_a_stream_of_the_upstream_is_a_fact_of_its_entry(fault, facts):
    answer = structs.replace(answered(), ending=LateFacts(fault=fault))
    entry = entry_of(seen(answer), WHOLE, NOW)
    assert (entry.outcome.broken, entry.outcome.error_in_band) == facts
    assert entry.whole is (fault is None)


def form(boundary: str, *, model: str = "whisper", content: str = "sound" * 9):
    parts = (("model", model), ("file", content))
    lines = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts
    )
    request = structs.replace(
        seen().request,
        headers={"content-type": f"multipart/form-data; boundary={boundary}"},
        body=f"{lines}--{boundary}--\r\n".encode(),
    )
    return entry_of(structs.replace(seen(), request=request), WHOLE, NOW).fingerprint


@pytest.mark.parametrize("content", ["sound" * 9, "sound" * 90_000])
def test_attempts_with_one_form_are_alike_whatever_their_boundaries_are(content):
    once = form("a1", content=content)
    assert form("b2", content=content) == once
    assert form("b2", model="spare-w", content=content) == once
    assert form("a1", content=content[:-1] + "!") != once
    assert form("a1", content=content + "!") != once
