"""The table that a run prints: what came, who answered, each band, and what the columns are."""

import math
from collections.abc import Iterator, Sequence

from loadtest.backends import Share
from loadtest.bands import Band
from loadtest.scenarios import Run
from loadtest.series import first_tokens, latencies, percentiles

_LEGEND = (
    "admitted: answers with status 200. refused: 429. p50, p95, p99: half, 95 % and 99 % of them took",
    "no longer, in seconds, from the sending to the end; of `first token`, to the first text.",
)
MOST_ROWS = 20
"""Of who answered; a plan may start dozens of instances."""
_BANDS = "seen: what this run measured. It is ok from `least` to `most`; an empty one is no bound."


def table(
    run: Run, bands: Sequence[Band], shares: Sequence[Share] = (), said: Sequence[str] = ()
) -> Iterator[str]:
    """Return the lines; those that are `said` stand above who answered."""
    yield f"{'':24}{'number':>10}{'p50 s':>10}{'p95 s':>10}{'p99 s':>10}"
    for name, times in (
        ("admitted", latencies(run.samples)),
        ("  first token", first_tokens(run.samples)),
        ("refused", [one.elapsed for one in run.refused]),
    ):
        yield f"{name:24}{len(times):>10}{_times(times)}"
    yield from _LEGEND
    if said:
        yield ""
        yield from said
    if shares:
        yield ""
        yield f"{'who answered':42}{'admitted':>10}{'429':>10}{'failed':>10}{'tokens':>10}"
        for one in shares[:MOST_ROWS]:
            counts = (one.admitted, one.refused, one.failed, one.tokens)
            yield f"{one.name:42}{''.join(f'{count:>10}' for count in counts)}"
        if len(shares) > MOST_ROWS:
            yield f"and {len(shares) - MOST_ROWS} more, in the report"
    yield ""
    yield f"{'':42}{'seen':>10}{'least':>10}{'most':>10}"
    for band in bands:
        ends = f"{figure(band.least):>10}{figure(band.most):>10}"
        mark = "ok" if band.kept else "FAILED"
        yield f"{band.name:42}{figure(band.seen):>10}{ends}  {mark}"
    yield _BANDS


def _times(values: Sequence[float]) -> str:
    found = percentiles(values)
    figures = (found.p50, found.p95, found.p99)
    return "".join("" if one is None else f"{one:>10.3f}" for one in figures)


def figure(value: float) -> str:
    """Return a number as people read it; "" for one without a bound."""
    if math.isinf(value):
        return ""
    return f"{value:.0f}" if value == round(value) else f"{value:.3f}"
