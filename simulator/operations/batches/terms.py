"""The terms of batches that settings choose."""

from dataclasses import dataclass, field

from simulator.concurrency import SingleFlight


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """`seconds` pass from a batch's creation to its completion."""

    seconds: float = 10.0
    under_way: SingleFlight[None] = field(default_factory=SingleFlight[None])
    """The work of this process on outputs, by batch."""
