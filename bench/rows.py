"""What a part of the benchmark has found, and the table of it."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. With a `budget`, the figure should not be above it."""

    what: str
    figure: float
    unit: str = ""
    budget: float | None = None

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return ""
        return "ok" if self.figure <= self.budget else "OVER"


def table(part: str, rows: Iterable[Row]) -> str:
    return "\n".join(
        f"{part:8} {row.what:58} {_number(row.figure):>9} {row.unit:6} "
        f"{'' if row.budget is None else _number(row.budget):>8} {row.verdict}".rstrip()
        for row in rows
    )


def heading() -> str:
    return f"{'part':8} {'figure':58} {'measured':>9} {'':6} {'budget':>8}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3f}" if value < 1 else f"{value:.2f}"
