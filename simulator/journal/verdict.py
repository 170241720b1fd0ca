"""The verdict on clients: what they did wrong, how often, what it costs and what to do about it."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal
from xml.etree import ElementTree as ET

from msgspec import Struct

from simulator.catalogue.prices import PRICES, Prices
from simulator.journal.costs import charged
from simulator.journal.entry import Entry
from simulator.journal.findings import RULES, Observed
from simulator.journal.journal import Journal
from simulator.journal.minutes import Tokens
from simulator.journal.requests import logical_requests

Severity = Literal["warning", "error"]
EXAMPLES = 5
_REPEATABLE = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})


class Judgement(Struct, frozen=True):
    """The weight of a finding, its price on Azure, and the advice."""

    severity: Severity
    cost: str
    advice: str


JUDGEMENTS = {
    "retry_after_ignored": Judgement(
        "error",
        "Each early attempt is refused again, and on some tiers it lengthens the throttling.",
        "Wait for the seconds in retry-after (or retry-after-ms) before the next attempt.",
    ),
    "retried_86400": Judgement(
        "error",
        "Nothing is answered until the quota is renewed; every attempt is one more refusal.",
        "Do not retry when retry-after is a day: report it, or fail over to another resource.",
    ),
    "retry_storm": Judgement(
        "error",
        "Attempts count towards the requests per minute and take them from other callers.",
        "Bound the attempts (2 to 5) and back off exponentially, with jitter.",
    ),
    "no_jitter": Judgement(
        "warning",
        "Clients that failed together come back together, and are refused together.",
        "Add a random part to the wait between attempts.",
    ),
    "retried_non_retryable": Judgement(
        "error",
        "The answer is the same each time; filtered prompts and bad requests may be charged.",
        "Retry only 408, 409, 429 and 5xx.",
    ),
    "gave_up": Judgement(
        "warning",
        "The user saw an error that a second attempt would have spared.",
        "Try again after retry-after; the official clients do so by default (max_retries=2).",
    ),
    "no_failover": Judgement(
        "warning",
        "The user saw an error while another resource had room.",
        "Send the next attempt to another resource of the pool.",
    ),
    "truncated_stream_accepted": Judgement(
        "error",
        "The tokens of the broken answer are charged, and half an answer was taken for a whole one.",
        "Take a stream for complete only after a finish_reason (or response.completed).",
    ),
    "in_band_error_ignored": Judgement(
        "error",
        "The status was 200, the answer was not: an error event stood in the stream.",
        "Look for `error` and `response.failed` in events, and treat them like a status.",
    ),
    "max_tokens_wasteful": Judgement(
        "warning",
        "Requests are refused for tokens that no answer uses: limits count max_tokens on arrival.",
        "Set max_tokens near to what answers really have.",
    ),
}


class Finding(Struct, frozen=True):
    kind: str
    severity: Severity
    count: int
    requests: tuple[str, ...]
    """Ids of some of them, as examples."""
    cost: str
    advice: str


class Verdict(Struct, frozen=True):
    """`requests` is the number of requests, each with all its attempts, that were looked at."""

    verdict: Literal["clean", "warning", "error"]
    requests: int
    findings: tuple[Finding, ...]


def verdict_of(journal: Journal, since: float | None = None, prices: Prices = PRICES) -> Verdict:
    """Judge the clients by the entries that the journal still has; no client sends lines of batches."""
    entries = [entry for entry in journal.since(since) if _judged(entry)]
    observed = Observed(entries, logical_requests(entries), journal.now)
    found = ((kind, rule(observed)) for kind, rule in RULES.items())
    findings = tuple(_finding(kind, shows, prices) for kind, shows in found if shows)
    severities = {finding.severity for finding in findings}
    worst = "error" if "error" in severities else "warning" if severities else "clean"
    return Verdict(worst, len(observed.requests), findings)


def _judged(entry: Entry) -> bool:
    """Return False for what polls or deletes an item, which may be gone: asking again does no harm."""
    if entry.batch:
        return False
    return entry.deployment is not None or entry.method not in _REPEATABLE


def _finding(kind: str, shows: Sequence[Entry], prices: Prices) -> Finding:
    """`shows` are the requests in which it was found."""
    judgement = JUDGEMENTS[kind]
    return Finding(
        kind,
        judgement.severity,
        len(shows),
        tuple(entry.id for entry in shows[:EXAMPLES]),
        judgement.cost + _spent(shows, prices),
        judgement.advice,
    )


def _spent(shows: Iterable[Entry], prices: Prices) -> str:
    """A sentence on the tokens that were charged and are of no use, and their price if it is known."""
    tokens, money = 0, 0.0
    for entry in shows:
        if entry.charged and not entry.whole:
            spent = Tokens()
            spent.add(entry.usage)
            tokens += spent.prompt + spent.completion
            money += charged(prices, entry.group, spent)
    if not tokens:
        return ""
    worth = f" ({money:.6f} {prices.currency})" if money else ""
    return f" {tokens:,} tokens were spent on it here{worth}."


def as_text(verdict: Verdict) -> str:
    """Return the verdict for people: a line for each finding, and its advice below."""
    found = len(verdict.findings)
    counts = f"{_counted(verdict.requests, 'request')}, {_counted(found, 'finding')}"
    lines = [f"{verdict.verdict}: {counts}"]
    for finding in verdict.findings:
        lines += [
            f"{finding.severity}: {finding.kind} ({finding.count}, e.g. {finding.requests[0]})",
            f"    {finding.cost}",
            f"    {finding.advice}",
        ]
    return "\n".join(lines) + "\n"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def as_junit(verdict: Verdict) -> bytes:
    """Return the verdict as a JUnit document, with a test case for each kind of finding."""
    found = {finding.kind: finding for finding in verdict.findings}
    suite = ET.Element(
        "testsuite",
        name="client verdict",
        tests=str(len(RULES)),
        failures=str(sum(finding.severity == "error" for finding in verdict.findings)),
    )
    for kind in RULES:
        case = ET.SubElement(suite, "testcase", classname="verdict", name=kind)
        finding = found.get(kind)
        if finding is not None:
            _add_result(case, finding)
    document: Any = ET.tostring(suite, encoding="utf-8", xml_declaration=True)
    return document


def _add_result(case: ET.Element, finding: Finding) -> None:
    text = f"{finding.count} times, e.g. {', '.join(finding.requests)}. {finding.advice}"
    if finding.severity == "error":
        ET.SubElement(case, "failure", message=finding.cost).text = text
    else:
        ET.SubElement(case, "system-out").text = f"{finding.cost} {text}"
