"""The clock of tests: time passes when a test says so."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Seconds from `now` on; each reading lets `step` of them pass."""

    now: float = 1_000.0
    step: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now
