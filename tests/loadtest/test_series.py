"""The course of a run: seconds, streams, progress, who answered, and the report of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from loadtest.backends import Share, instances_of
from loadtest.bands import Band
from loadtest.chart import Line, chart
from loadtest.csv_file import HEADINGS, write_csv
from loadtest.progress import Progress
from loadtest.report import Subject, report
from loadtest.samples import Limits, Sample
from loadtest.scenarios import Run
from loadtest.series import percentile, seconds_of
from loadtest.streams import Streamed, read_stream

LIMITS = Limits(requests=60, tokens=10_000, requests_left=59, tokens_left=9_000)
NO_LIMITS = Limits(None, None, None, None)


def run(*samples: Sample, limits: Limits = LIMITS) -> Run:
    return Run(Sample(0.0, 0.1, 200), samples, 5.0, limits, 10, None)


def admitted(sent: float, **facts: Any) -> Sample:
    known: dict[str, Any] = {"tokens": 10, "prompt_tokens": 5, **facts}
    return Sample(sent, 0.5, 200, **known)


def test_a_request_belongs_to_the_second_of_its_answer() -> None:
    seconds = seconds_of(run(admitted(0.8), Sample(2.1, 0.1, 429), Sample(2.2, 0.1, 0)))
    counts = [(one.admitted, one.refused, one.failed) for one in seconds]
    assert counts == [(1, 0, 0), (1, 0, 0), (0, 1, 1)]


def test_tokens_of_the_last_minute_leave_after_it() -> None:
    seconds = seconds_of(run(admitted(1.0), admitted(60.2)))
    assert [seconds[at].tokens_per_minute for at in (0, 1, 59, 60)] == [1000, 2000, 2000, 2000]


def test_without_a_limit_the_tokens_that_were_used_count() -> None:
    assert seconds_of(run(admitted(0.2), limits=NO_LIMITS))[0].tokens_per_minute == 15


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.95, 4), (0.99, 4), (0.25, 1)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile([4, 1, 3, 2], share) == value


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 0.5) is None


TEXT = b'data: {"choices": [{"delta": {"content": "Hi"}}]}'
ROLE = b'data: {"choices": [{"delta": {"role": "assistant", "content": ""}}]}'
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}'


def clock() -> Iterator[float]:
    yield from (1.0, 2.0, 3.0)


def test_the_first_text_of_a_stream_is_its_first_token() -> None:
    lines = [ROLE, b"", TEXT, TEXT, USAGE, b"data: [DONE]"]
    assert read_stream(lines, clock().__next__) == Streamed(1.0, 3, 4, whole=True)


def broken_off() -> Iterator[bytes]:
    yield TEXT
    raise requests.ConnectionError


@pytest.mark.parametrize(
    "lines", [broken_off(), [TEXT, USAGE], [TEXT, b"data: {", b"data: [DONE]"]]
)
def test_a_stream_without_its_end_is_not_whole(lines: Iterator[bytes]) -> None:
    assert not read_stream(lines, clock().__next__).whole


def test_progress_shows_what_came_since_the_line_before() -> None:
    progress = Progress()
    samples = [admitted(0.1), admitted(0.2), Sample(0.3, 0.1, 429)]
    assert progress.line(1.0, samples).split() == ["1", "3.0", "30", "1.0", "0.0"]
    samples.append(Sample(2.0, 0.1, 0))
    assert progress.line(3.0, samples).split() == ["3", "0.5", "0", "0.0", "0.5"]


def test_instances_are_counted_by_the_name_in_their_answers() -> None:
    samples = [admitted(0, instance="b"), Sample(0, 1, 429, instance="a"), Sample(0, 1, 500)]
    assert instances_of(samples) == [Share("a", 0, 1, 0, 0), Share("b", 1, 0, 0, 15)]


def test_the_csv_has_a_line_for_each_second(tmp_path: Path) -> None:
    write_csv(tmp_path / "run.csv", seconds_of(run(admitted(1.1, first_token=0.25))), None)
    lines = (tmp_path / "run.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(HEADINGS)
    assert lines[2] == "1,1,0,0,2000,,0.5000,0.5000,0.5000,0.2500,0.2500,0.2500"


def test_a_report_shows_names_as_text() -> None:
    subject = Subject("latency", "http://x", "<script>", 5, "2026-11-29 07:00:00+00:00")
    page = report(subject, run(admitted(1.0)), [Band("a", 3, most=2)], [Share("<b>", 1, 0, 0, 9)])
    assert "<script>" not in page
    assert "&lt;b&gt;" in page
    assert '<span class="failed">FAILED</span>' in page


def test_a_chart_leaves_out_what_is_missing_and_shows_a_single_value() -> None:
    assert 'd="M60.0 10.0 L60.0 10.0"' in chart("x", [Line("a", "one", [2.0, None])])
    assert 'd=""' in chart("x", [Line("a", "one", [None])])
