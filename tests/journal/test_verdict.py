"""A misbehaving client for each finding, and one that is nearly right, which stays clean."""

from xml.etree import ElementTree as ET

import pytest

from simulator.journal.entry import Entry
from simulator.journal.findings import RULES
from simulator.journal.verdict import JUDGEMENTS, as_junit, as_text, verdict_of
from tests.journal.entries import entry, journal_of, judged, kinds

WELL_BEHAVED = {
    "one answer": [entry(0)],
    "waited for retry-after": [
        entry(0, 429, retry_after=1.0, attempt=0),
        entry(1.02, 200, attempt=1),
    ],
    "the same prompt from several tasks": [
        entry(0, 429, retry_after=1.0, attempt=0),
        entry(0.3, 429, retry_after=1.0, attempt=0),
        entry(1.02, 200, attempt=1),
        entry(1.35, 200, attempt=1),
    ],
    "gave up after the attempts that it has": [
        entry(0, 429, retry_after=1.0, attempt=0),
        entry(1.1, 429, retry_after=1.0, attempt=1),
        entry(2.2, 429, retry_after=1.0, attempt=2),
    ],
    "a refusal that may still be retried": [entry(999, 429, retry_after=10.0)],
    "a bad request, mended": [entry(0, 400, fingerprint=1), entry(1, 200, fingerprint=2)],
    "lines of a batch that failed": [entry(0, 503, batch=True) for _ in range(20)],
    "eight attempts": [entry(n * 2.0, 500, attempt=n) for n in range(8)],
    "waits that differ": [
        one
        for n in range(6)
        for one in (
            entry(n * 10.0, 500, attempt=0, fingerprint=n),
            entry(n * 10.0 + 0.5 + n * 0.05, attempt=1, fingerprint=n),
        )
    ],
    "a cut stream that was asked for again": [
        entry(0, broken=True, attempt=0),
        entry(1, attempt=1),
    ],
    "an error in a stream that was asked for again": [
        entry(0, error_in_band=True, attempt=0),
        entry(1, attempt=1),
    ],
    "a failover": [
        entry(0, 503, resource="west", attempt=0),
        entry(1, 200, resource="east", attempt=1),
    ],
    "another resource after the retries of its own": [
        entry(0, 429, retry_after=1.0, resource="west", attempt=0),
        entry(1.1, 429, retry_after=1.0, resource="west", attempt=1),
        entry(1.2, 200, resource="east", attempt=0),
        entry(5, 200, resource="east", attempt=0, fingerprint=2),
    ],
    "another deployment at once": [
        entry(0, 429, retry_after=10.0, attempt=0),
        entry(0.1, 200, deployment="spare", attempt=0),
    ],
    "another resource that knows the deployment, and may be entered": [
        entry(0, 403, resource="west", attempt=0),
        entry(0.1, 404, resource="north", attempt=0),
        entry(0.2, 200, resource="east", attempt=0),
    ],
    "another api-version after a 404": [
        entry(0, 404, path="/chat?api-version=1", attempt=0),
        entry(0.1, 200, path="/chat?api-version=2024-10-21", attempt=0),
    ],
    "a token that was renewed": [
        entry(0, 401, client_request_id="a"),
        entry(0.2, 200, client_request_id="a"),
    ],
    "a stream whose prompt was blocked": [entry(0, filtered=True)],
    "caps near to what is used": [
        *(entry(n, max_tokens=200, completion_tokens=150, fingerprint=n) for n in range(12)),
        entry(13, 429, retry_after=1.0, refused_by_tokens=True, attempt=0, fingerprint=99),
        entry(15, attempt=1, fingerprint=99),
    ],
}

MISBEHAVED = {
    "retry_after_ignored": [
        entry(0, 429, retry_after=5.0, attempt=0),
        entry(0.5, 200, attempt=1),
    ],
    "retried_86400": [
        entry(0, 429, retry_after=86400.0, attempt=0),
        entry(86401, 200, attempt=1),
    ],
    "retry_storm": [entry(n * 1.0, 500, attempt=n) for n in range(10)],
    "no_jitter": [
        one
        for n in range(6)
        for one in (
            entry(n * 10.0, 500, attempt=0, fingerprint=n),
            entry(n * 10.0 + 0.51, attempt=1, fingerprint=n),
        )
    ],
    "retried_non_retryable": [entry(0, 400, attempt=0), entry(1, 400, attempt=1)],
    "gave_up": [entry(0, 429, retry_after=1.0, attempt=0)],
    "no_failover": [
        entry(0, 200, resource="east", fingerprint=7),
        entry(1, 503, resource="west", attempt=0),
        entry(2, 503, resource="west", attempt=1),
    ],
    "truncated_stream_accepted": [entry(0, broken=True)],
    "in_band_error_ignored": [entry(0, error_in_band=True)],
    "max_tokens_wasteful": [
        *(entry(n, max_tokens=4000, completion_tokens=50, fingerprint=n) for n in range(12)),
        entry(13, 429, retry_after=1.0, refused_by_tokens=True, attempt=0, fingerprint=99),
        entry(15, attempt=1, max_tokens=4000, completion_tokens=50, fingerprint=99),
    ],
}


@pytest.mark.parametrize("entries", WELL_BEHAVED.values(), ids=WELL_BEHAVED)
def test_a_client_that_is_right_or_nearly_so_is_clean(entries: list[Entry]) -> None:
    verdict = judged(*entries)
    assert (verdict.verdict, verdict.findings) == ("clean", ())


@pytest.mark.parametrize("kind", MISBEHAVED)
def test_each_misbehaviour_is_found_with_the_requests_that_show_it(kind: str) -> None:
    entries = MISBEHAVED[kind]
    verdict = judged(*entries, now=100_000.0)
    finding = next(finding for finding in verdict.findings if finding.kind == kind)
    assert finding.count >= 1
    assert set(finding.requests) <= {one.id for one in entries}
    assert finding.advice
    assert verdict.verdict == ("error" if JUDGEMENTS[kind].severity == "error" else "warning")


def test_every_rule_is_judged_and_tried() -> None:
    assert set(RULES) == set(JUDGEMENTS) == set(MISBEHAVED)


def test_a_loop_around_a_client_without_retries_is_seen() -> None:
    hammering = [entry(n * 0.1, 429, retry_after=5.0, attempt=0) for n in range(4)]
    assert kinds(*hammering) == ["retry_after_ignored"]


def test_a_place_is_not_asked_again_too_early_though_another_was_between() -> None:
    west, east = {"resource": "west"}, {"resource": "east"}
    circling = [
        entry(0, 429, retry_after=10.0, attempt=0, **west),
        entry(0.1, 503, attempt=0, **east),
        entry(0.2, 200, attempt=0, **west),
    ]
    assert kinds(*circling) == ["retry_after_ignored"]


def test_a_token_that_is_still_refused_is_no_use() -> None:
    again = [entry(n, 401, client_request_id="a") for n in range(2)]
    assert kinds(*again) == ["retried_non_retryable"]


def test_attempts_with_one_client_request_id_belong_together() -> None:
    first = entry(0, 429, retry_after=5.0, client_request_id="a", attempt=0)
    again = entry(1, 200, client_request_id="a", attempt=1, fingerprint=2)
    assert kinds(first, again) == ["retry_after_ignored"]


def test_requests_that_overlap_are_no_retries() -> None:
    assert kinds(entry(0, 429, retry_after=9.0, seconds=0.5), entry(0.1, 200), now=9.2) == []


def test_the_text_names_each_finding_an_example_and_what_to_do() -> None:
    bad = entry(0, error_in_band=True)
    text = as_text(judged(bad))
    assert text.splitlines()[0] == "error: 1 request, 1 finding"
    assert bad.id in text
    assert JUDGEMENTS["in_band_error_ignored"].advice in text


def test_the_cost_is_that_of_the_tokens_that_nobody_has_the_use_of() -> None:
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100}
    (broken,) = judged(entry(0, broken=True, **usage)).findings
    assert broken.cost.endswith(" 1,100 tokens were spent on it here (0.003500 USD).")
    (unpriced,) = judged(entry(0, broken=True, model="DeepSeek-R1", **usage)).findings
    assert unpriced.cost.endswith(" 1,100 tokens were spent on it here.")
    early = [entry(0, 429, retry_after=5.0, attempt=0), entry(1, attempt=1, **usage)]
    assert "tokens" not in judged(*early).findings[0].cost


def test_junit_has_a_case_for_each_kind_and_fails_on_errors_only() -> None:
    document = as_junit(judged(*MISBEHAVED["gave_up"], entry(1, error_in_band=True)))
    suite = ET.fromstring(document)  # noqa: S314 (written by the function under test)
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(RULES)), "1")
    assert failed == ["in_band_error_ignored"]


def test_a_client_that_counts_its_retries_oddly_costs_little_time() -> None:
    """Each retry would be compared with all requests before it, which takes a minute."""
    number = 8_000
    entries = [
        entry(at / 1_000, client_request_id="one", attempt=int(at >= number // 2))
        for at in range(number)
    ]
    verdict = verdict_of(journal_of(*entries, size=number))
    assert (verdict.verdict, verdict.requests) == ("clean", number)


def test_requests_that_name_no_deployment_are_judged_unless_they_only_look() -> None:
    refused = {"deployment": None, "path": "/openai/v1/chat/completions"}
    assert kinds(*(entry(n, 401, **refused) for n in range(2))) == ["retried_non_retryable"]
    polled = {**refused, "method": "GET"}
    assert kinds(*(entry(n, 404, **polled) for n in range(9))) == []


def test_no_other_resource_takes_over_what_no_deployment_answers() -> None:
    answered = entry(0, 200, deployment=None, resource="east", fingerprint=7)
    failed = [entry(n, 503, deployment=None, resource="west", attempt=n - 1) for n in (1, 2)]
    assert kinds(answered, *failed) == []
