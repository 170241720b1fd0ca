"""Logical requests: the attempts that a client made at one and the same thing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.journal.entry import Entry

TOGETHER_SECONDS = 120.0
"""Equal bodies of one client are attempts at one request if no more than this lies between them."""
CLOCK_SECONDS = 0.002
"""An attempt that overlaps the one before by more than this is a request of its own."""
RETRYABLE = frozenset({408, 409, 429, 500, 502, 503, 504})
"""Statuses that official clients try again."""
_MOST_WAITING = 100
"""Groups of one caller that an attempt may belong to: the newest."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts at one request, in the order in which they arrived; there is at least one."""

    entries: Sequence[Entry]

    @property
    def last(self) -> Entry:
        return self.entries[-1]

    @property
    def failed(self) -> bool:
        """The last attempt failed in a way that another attempt may mend."""
        return self.last.status in RETRYABLE

    @property
    def pairs(self) -> Iterable[tuple[Entry, Entry]]:
        """Each attempt with the one that followed it."""
        return zip(self.entries, self.entries[1:], strict=False)

    @property
    def repeated(self) -> Iterator[tuple[Entry, Entry]]:
        """Each attempt with the one before it at the same place: another place may answer otherwise."""
        latest: dict[object, Entry] = {}
        for entry in self.entries:
            before = latest.get(_place(entry))
            if before is not None:
                yield before, entry
            latest[_place(entry)] = entry


def finished(entry: Entry) -> float:
    """Return the moment (seconds since 1970) at which an answer had left."""
    return entry.time + entry.seconds


def logical_requests(entries: Iterable[Entry]) -> list[Attempts]:
    """Group entries, which come in the order of their arrival, by the request they are attempts at.

    Attempts belong together by `x-ms-client-request-id`; else by caller and body. A client that
    counts its retries is believed; one that does not, or has its own loop around a client without
    retries, tries again when it sends what was just refused, and so does one that sends it to
    another resource or deployment. In doubt a request is a new one.
    """
    callers: dict[object, list[list[Entry]]] = {}
    for entry in entries:
        groups = callers.setdefault(_key(entry), [])
        group = _continued(groups, entry)
        if group is None:
            groups.append([entry])
        else:
            group.append(entry)
    joined = (group for groups in callers.values() for group in _joined(groups))
    return sorted(map(Attempts, joined), key=lambda attempts: attempts.entries[0].time)


def _key(entry: Entry) -> object:
    if entry.client_request_id:
        return entry.client_request_id
    return entry.key, entry.client, entry.operation, entry.fingerprint


def _continued(groups: Sequence[list[Entry]], entry: Entry) -> list[Entry] | None:
    """The group that a counted retry goes on with: of several, one that it is not too early for."""
    if not entry.attempt:
        return None
    newest = groups[-_MOST_WAITING:]
    waiting = [group for group in newest if _waits_for(group[-1], entry)]
    patient = (group for group in waiting if _waited(group[-1], entry))
    return next(patient, waiting[-1] if waiting else None)


def _waits_for(before: Entry, entry: Entry) -> bool:
    counted = (before.attempt or 0) < (entry.attempt or 0)
    return counted and not before.whole and _soon_after(before, entry)


def _waited(before: Entry, entry: Entry) -> bool:
    return entry.time - finished(before) >= (before.outcome.retry_after or 0.0)


def _joined(groups: Iterable[list[Entry]]) -> Iterator[list[Entry]]:
    """Join what was sent again by a loop: after an attempt that its client did not retry itself, or to
    another place."""
    current: list[Entry] | None = None
    for group in groups:
        if current is not None and _sent_again(current, group):
            current += group
            continue
        if current is not None:
            yield current
        current = list(group)
    if current is not None:
        yield current


def _sent_again(current: Sequence[Entry], group: Sequence[Entry]) -> bool:
    uncounted = all(not entry.attempt for entry in (*current, *group))
    elsewhere = all(_place(entry) != _place(group[0]) for entry in current)
    again = uncounted or elsewhere
    return again and not current[-1].whole and _soon_after(current[-1], group[0])


def _place(entry: Entry) -> object:
    return entry.resource, entry.deployment, entry.path


def _soon_after(before: Entry, entry: Entry) -> bool:
    gap = entry.time - finished(before)
    return -CLOCK_SECONDS <= gap <= max(TOGETHER_SECONDS, 2 * (before.outcome.retry_after or 0.0))
