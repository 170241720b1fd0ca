"""The course of a batch: its state at any moment follows from its document and the clock."""

from dataclasses import dataclass
from typing import Literal

from simulator.operations.batches.store import StoredBatch, Work

Final = Literal["failed", "completed", "expired", "cancelled"]
Status = Literal["validating", "in_progress", "finalizing", "cancelling"] | Final

WINDOW = 86_400.0
"""Seconds of the one completion window that there is, 24h."""
LONGEST_CANCELLING = 600.0
"""Seconds (Microsoft's page on batches)."""
# The shares of the time from creation to completion: they are validated, and then answered, by these.
_VALIDATED, _ANSWERED = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Course:
    """The moments of a batch, in seconds since 1970, and how it ends.

    From `due` on no more lines are answered, and the output is made: the first `lines` of the file.
    """

    validated: float
    answered: float
    due: float
    ended: float
    final: Final
    lines: int

    def status(self, now: float, work: Work) -> Status:
        """The state of the batch; it is final only when its output is made."""
        if self.final == "failed":
            return "validating" if now < self.ended else "failed"
        if work.lost:
            return "failed"
        if now >= self.ended and work.made:
            return self.final
        if self.final == "cancelled":
            return "cancelling"
        if now < self.validated:
            return "validating"
        return "in_progress" if now < self.due else "finalizing"

    def answered_by(self, moment: float, total: int) -> int:
        """The number of lines that are answered by a moment."""
        if moment >= self.answered:
            return total
        length = self.answered - self.validated
        return max(0, int(total * (moment - self.validated) / length))


def course_of(batch: StoredBatch) -> Course:
    length = batch.finished - batch.created
    validated = batch.created + _VALIDATED * length
    answered = batch.created + _ANSWERED * length
    plain = Course(validated, answered, answered, batch.finished, "completed", batch.total)
    if batch.problems:
        return Course(validated, answered, validated, validated, "failed", 0)
    if batch.cancelled is not None:
        ended = batch.cancelled + min(LONGEST_CANCELLING, _VALIDATED * length)
        lines = plain.answered_by(batch.cancelled, batch.total)
        return Course(validated, answered, batch.cancelled, ended, "cancelled", lines)
    expires = batch.created + WINDOW
    if batch.finished > expires:
        lines = plain.answered_by(expires, batch.total)
        return Course(validated, answered, expires, expires, "expired", lines)
    return plain
