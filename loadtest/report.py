"""The report of a run: one HTML file that loads nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from loadtest.backends import Share
from loadtest.bands import Band
from loadtest.chart import Line, chart
from loadtest.scenarios import Run
from loadtest.series import Second, first_tokens, latencies, percentiles, seconds_of
from loadtest.table import figure

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { max-width: 960px; margin: 24px auto; padding: 0 16px; }
table { border-collapse: collapse; margin: 8px 0 20px; }
th, td { text-align: right; padding: 4px 14px 4px 0; border-bottom: 1px solid #8884; }
th:first-child, td:first-child { text-align: left; }
figure { margin: 20px 0; } figcaption span { margin-left: 14px; }
svg { width: 100%; height: auto; } svg text { font-size: 11px; fill: #888; }
.grid { stroke: #8884; fill: none; } .line { fill: none; stroke: currentColor; stroke-width: 2; }
.one { color: #2f7fd0; } .two { color: #d0802f; } .three { color: #c0392b; }
.ok { color: #1a9050; } .failed { color: #c0392b; font-weight: 600; }
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was put under load, and when, in words."""

    scenario: str
    endpoint: str
    deployment: str
    users: int
    began: str


def report(
    subject: Subject,
    run: Run,
    bands: Sequence[Band],
    shares: Sequence[Share],
    said: Sequence[str] = (),
) -> str:
    """Return the page; what is `said` stands above who answered."""
    seconds = seconds_of(run)
    title = escape(f"{subject.scenario}: {subject.deployment}")
    facts = (
        f"{subject.users} users sent requests to {subject.endpoint} for {run.duration:g} s, "
        f"from {subject.began} on."
    )
    parts = [
        f"<h1>{title}</h1><p>{escape(facts)}</p>",
        "<h2>Is it as expected?</h2>",
        _table(("figure", "seen", "at least", "at most", ""), _band_rows(bands)),
        "<h2>Requests</h2>",
        _table(("seconds", "number", "p50", "p95", "p99"), _time_rows(run)),
        *_charts(run, seconds),
    ]
    parts += [f"<p>{escape(line)}</p>" for line in said]
    if shares:
        names = ("who answered", "admitted", "429", "failed", "tokens")
        parts += ["<h2>Who answered</h2>", _table(names, _share_rows(shares))]
    return _page(title, parts)


def _page(title: str, parts: Sequence[str]) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _charts(run: Run, seconds: Sequence[Second]) -> Iterator[str]:
    yield chart(
        "Requests per second",
        [
            Line("admitted", "one", [one.admitted for one in seconds]),
            Line("refused with 429", "two", [one.refused for one in seconds]),
            Line("failed", "three", [one.failed for one in seconds]),
        ],
    )
    tokens = [Line("last 60 s", "one", [one.tokens_per_minute for one in seconds])]
    if run.limits.tokens is not None:
        tokens.append(Line("limit", "three", [run.limits.tokens] * len(seconds)))
    yield chart("Tokens per minute", tokens)
    for title, times in (
        ("Seconds to the end of an answer", [one.latency for one in seconds]),
        ("Seconds to the first token", [one.first_token for one in seconds]),
    ):
        lines = [
            Line("p50", "one", [one.p50 for one in times]),
            Line("p95", "two", [one.p95 for one in times]),
            Line("p99", "three", [one.p99 for one in times]),
        ]
        yield chart(title, lines)


def _band_rows(bands: Sequence[Band]) -> Iterator[Sequence[str]]:
    for band in bands:
        mark = '<span class="ok">ok</span>' if band.kept else '<span class="failed">FAILED</span>'
        ends = (figure(band.seen), figure(band.least), figure(band.most))
        yield (escape(band.name), *(escape(end) for end in ends), mark)


def _time_rows(run: Run) -> Iterator[Sequence[str]]:
    for name, values in (
        ("to the end of an answer", latencies(run.samples)),
        ("to its first token", first_tokens(run.samples)),
        ("to a refusal", [one.elapsed for one in run.refused]),
    ):
        times = percentiles(values)
        shown = ("" if one is None else f"{one:.3f}" for one in (times.p50, times.p95, times.p99))
        yield (name, str(len(values)), *shown)


def _share_rows(shares: Sequence[Share]) -> Iterator[Sequence[str]]:
    for one in shares:
        counts = (one.admitted, one.refused, one.failed, one.tokens)
        yield (escape(one.name), *(f"{count:,}" for count in counts))


def _table(names: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
