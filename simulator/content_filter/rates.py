"""Rates: the share of requests that a deployment's content filter acts on, drawn in order."""

import hashlib
from collections.abc import Mapping

from simulator.catalogue.content_filter import HARMS, Source
from simulator.content_filter.findings import USUAL_SEVERITY, Finding, Findings

FIRST_TOKENS = 20
"""Tokens within which an answer is cut that a rate chose for cutting."""


class RateDraws:
    """Counts the requests of each deployment in this process: the same order draws alike."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def next(self, deployment: str) -> int:
        """Return the number of requests of the deployment before this one."""
        number = self._counts.get(deployment, 0)
        self._counts[deployment] = number + 1
        return number

    def clear(self) -> None:
        self._counts.clear()


def drawn(rates: Mapping[str, float], source: Source, deployment: str, number: int) -> Findings:
    """Return what the rates find in a deployment's request of this number."""
    return tuple(
        Finding(category, severity=USUAL_SEVERITY if category in HARMS else "")
        for category, rate in rates.items()
        if draw(f"{deployment}:{source}:{category}:{number}") < rate
    )


def cut_after(deployment: str, number: int) -> int:
    """Return the number of tokens after which a drawn answer is cut."""
    return int(draw(f"{deployment}:tokens:{number}") * FIRST_TOKENS)


def draw(seed: str) -> float:
    """Return a number from 0 to below 1."""
    digest = hashlib.sha256(seed.encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
