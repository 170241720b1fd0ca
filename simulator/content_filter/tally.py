"""The tally of one answer: what the filter took out of it."""

from msgspec import Struct

from simulator.content_filter.findings import Findings, merged


class Tally(Struct):
    """`removed` counts the tokens that were taken out, `found` is why."""

    removed: int = 0
    found: Findings = ()

    def add(self, findings: Findings) -> None:
        self.found = merged(self.found, findings)
