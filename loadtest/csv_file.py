"""The course of a run as CSV, a line for each second."""

import csv
from collections.abc import Sequence
from pathlib import Path

from loadtest.series import Percentiles, Second

HEADINGS = (
    "second",
    "admitted",
    "refused",
    "failed",
    "tokens_per_minute",
    "tokens_per_minute_limit",
    "latency_p50_s",
    "latency_p95_s",
    "latency_p99_s",
    "first_token_p50_s",
    "first_token_p95_s",
    "first_token_p99_s",
)


def write_csv(path: Path, seconds: Sequence[Second], limit: int | None) -> None:
    """Write the seconds; a figure that there is none of is empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        for one in seconds:
            counts = (one.second, one.admitted, one.refused, one.failed, one.tokens_per_minute)
            times = (*_figures(one.latency), *_figures(one.first_token))
            lines.writerow((*counts, "" if limit is None else limit, *times))


def _figures(times: Percentiles) -> tuple[str, ...]:
    figures = (times.p50, times.p95, times.p99)
    return tuple("" if figure is None else f"{figure:.4f}" for figure in figures)
