"""Entries of the journal, as tests need them."""

import itertools
from typing import Any

from simulator.journal.entry import Entry, Group, Outcome
from simulator.journal.journal import Journal
from simulator.journal.verdict import Verdict, verdict_of
from simulator.messages import Usage

NOW = 1_800_000_000.0
_numbers = itertools.count()


def entry(at: float, status: int = 200, **members: Any) -> Entry:
    """An entry `at` seconds after `NOW`; members of its group, usage and outcome may be given, too."""

    def taken(*names: str) -> dict[str, Any]:
        return {name: members.pop(name) for name in names if name in members}

    names = {"resource": "", "deployment": "chat", "model": "gpt-4o", "key": ""}
    group = Group(**{**names, **taken(*Group.__struct_fields__)}, status=status)
    tokens = taken("prompt_tokens", "cached_tokens", "cache_write_tokens", "completion_tokens")
    usage = Usage(
        tokens.get("prompt_tokens", 0),
        tokens.get("completion_tokens", 0),
        cached=tokens.get("cached_tokens", 0),
        written=tokens.get("cache_write_tokens"),
    )
    outcome = Outcome(**taken(*Outcome.__struct_fields__))
    return Entry(
        id=f"r{next(_numbers)}",
        time=NOW + at,
        operation="chat_completions",
        group=group,
        usage=usage if tokens else None,
        outcome=outcome,
        **{"seconds": 0.01, "client": "app/1", "fingerprint": 1, **members},
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
