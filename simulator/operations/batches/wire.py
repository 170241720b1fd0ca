"""A batch as the API shows it."""

from simulator.operations.batches.course import WINDOW, Course, course_of
from simulator.operations.batches.store import StoredBatch, Work
from simulator.operations.batches.validation import BatchProblem

FINAL = frozenset({"completed", "cancelled", "expired"})
_LOST = BatchProblem(
    "input_modified", "The input file was deleted, or has changed, after the batch was created."
)


def shown(batch: StoredBatch, work: Work, now: float) -> dict[str, object]:
    """The batch at a moment, in the order of an exchange of 2024-10; `work` says how far its output is."""
    course = course_of(batch)
    status = course.status(now, work)
    final = status in FINAL
    problems = _problems(batch, status)
    return {
        "cancelled_at": _passed(course.ended, now, of=status == "cancelled"),
        "cancelling_at": _passed(course.due, now, of=batch.cancelled is not None),
        "completed_at": _passed(course.ended, now, of=status == "completed"),
        "completion_window": "24h",
        "created_at": int(batch.created),
        "error_file_id": batch.error_file_id if final else None,
        "expired_at": _passed(course.ended, now, of=status == "expired"),
        "expires_at": int(batch.created + WINDOW),
        "failed_at": _passed(course.due, now, of=status == "failed"),
        "finalizing_at": _passed(course.due, now, of=course.final in ("completed", "expired")),
        "id": batch.id,
        "in_progress_at": _passed(course.validated, now, of=not _stops_before_work(batch, course)),
        "input_file_id": batch.input_file_id,
        "errors": {"object": "list", "data": problems} if problems else None,
        "metadata": batch.metadata,
        "object": "batch",
        "output_file_id": batch.output_file_id if final else None,
        "request_counts": _counts(batch, work, course, now),
        "status": status,
        "endpoint": batch.endpoint,
    }


def _stops_before_work(batch: StoredBatch, course: Course) -> bool:
    """Return True if it fails, or is cancelled, before its lines are answered."""
    cancelled = batch.cancelled
    return course.final == "failed" or (cancelled is not None and cancelled < course.validated)


def _passed(moment: float, now: float, *, of: bool) -> int | None:
    """The moment of a state, if it is one of the batch and has come."""
    return int(moment) if of and now >= moment else None


def _problems(batch: StoredBatch, status: str) -> list[BatchProblem]:
    if status != "failed":
        return []
    return batch.problems or [_LOST]


def _counts(batch: StoredBatch, work: Work, course: Course, now: float) -> dict[str, int]:
    """The counts of lines: as the clock has them, until the output shows which lines have failed."""
    if now < course.validated or course.final == "failed":
        return {"total": 0, "completed": 0, "failed": 0}
    answered = work.done if work.made else course.answered_by(min(now, course.due), batch.total)
    completed = max(0, answered - work.failed)
    return {"total": batch.total, "completed": completed, "failed": work.failed}
