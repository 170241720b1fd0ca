"""Entries of the journal, as tests need them."""

import itertools
from typing import Any

from simulator.journal.entry import Attempt, Entry
from simulator.journal.journal import Journal
from simulator.journal.verdict import Verdict, verdict_of

NOW = 1_800_000_000.0
_numbers = itertools.count()


def entry(at: float, status: int = 200, **members: Any) -> Entry:
    """An entry `at` seconds after `NOW`; members of `Attempt` may be given, too."""
    names = set(Attempt.__struct_fields__)
    facts = {name: members.pop(name) for name in list(members) if name in names}
    values: dict[str, Any] = {
        "deployment": "chat",
        "model": "gpt-4o",
        "client": "app/1",
        "duration_ms": 10.0,
        **members,
    }
    return Entry(
        id=f"r{next(_numbers)}",
        time=NOW + at,
        operation="chat_completions",
        status=status,
        facts=Attempt(**{"fingerprint": 1, **facts}),
        **values,
    )


def journal_of(
    *entries: Entry, now: float = 1_000.0, size: int = 1_000, instance: str = ""
) -> Journal:
    journal = Journal(size, lambda: NOW + now, instance)
    for one in entries:
        journal.record(one)
    return journal


def judged(*entries: Entry, now: float = 1_000.0) -> Verdict:
    return verdict_of(journal_of(*entries, now=now))


def kinds(*entries: Entry, now: float = 1_000.0) -> list[str]:
    """The kinds of findings."""
    return [finding.kind for finding in judged(*entries, now=now).findings]
