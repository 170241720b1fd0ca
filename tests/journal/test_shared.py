"""The journals of several processes as one; here they share an event loop."""

import contextlib
import itertools
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from simulator.journal.entry import Bodies, Entry
from simulator.journal.journal import Filter
from simulator.journal.shared import SharedJournal
from simulator.journal.verdict import verdict_of
from tests.journal.entries import NOW, entry, journal_of

if sys.platform == "win32":
    pytest.skip("there are no such workers", allow_module_level=True)

ALL = Filter()


@pytest.fixture
async def three() -> AsyncIterator[list[SharedJournal]]:
    journals = [SharedJournal(journal_of(instance=f"one-{number}")) for number in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aoai-")))
        for number, journal in enumerate(journals):
            await stack.enter_async_context(journal.siblings.serving(folder, str(number)))
        yield journals


def record(journals: list[SharedJournal], *entries: Entry) -> list[str]:
    """Record them in turn; return their ids, newest first."""
    for journal, one in zip(itertools.cycle(journals), entries, strict=False):
        journal.own.record(one)
    return [one.id for one in reversed(entries)]


async def paged(journal: SharedJournal, wanted: Filter = ALL, **how: Any) -> list[str]:
    found: list[str] = []
    after = None
    while True:
        page = await journal.page(wanted, limit=3, after=after, **how)
        found += [one.id for one in page.entries]
        after = page.next
        if after is None:
            return found


async def test_pages_have_the_entries_of_all_in_one_order(three: list[SharedJournal]) -> None:
    ids = record(three, *(entry(n, status=200 + n % 2) for n in range(10)))
    for journal in three:
        assert await paged(journal) == ids
        assert await paged(journal, Filter(status=201)) == ids[::2]
        assert await paged(journal, Filter(since=NOW + 8)) == ids[:2]
    assert (await three[0].page(ALL, limit=3, after="none")).entries == ()


async def test_entries_of_one_moment_are_on_one_page_each(three: list[SharedJournal]) -> None:
    ids = record(three, *(entry(0) for _ in range(10)))
    assert sorted(await paged(three[0])) == sorted(ids)


async def test_an_entry_is_found_whole_wherever_it_is(three: list[SharedJournal]) -> None:
    bodies = Bodies("asked", "answered")
    ids = record(three, *(entry(n, bodies=bodies, retry_after=1.5) for n in range(3)))
    for wanted in ids:
        found = await three[0].find(wanted)
        assert found is not None
        assert (found.id, found.bodies, found.outcome.retry_after) == (wanted, bodies, 1.5)
    assert await three[0].find("none") is None


async def test_bodies_are_sent_only_where_they_are_wanted(three: list[SharedJournal]) -> None:
    record(three, *(entry(n, bodies=Bodies("asked", "answered")) for n in range(3)))
    for wanted in (True, False):
        page = await three[0].page(ALL, limit=9, after=None, bodies=wanted)
        assert [one.bodies is not None for one in page.entries] == [wanted] * 3
    assert [one.bodies for one in (await three[0].gathered(None)).since(None)] == [None] * 3


async def test_attempts_at_several_processes_are_one_request(three: list[SharedJournal]) -> None:
    record(three, entry(0, 429, retry_after=5.0, attempt=0), entry(0.5, 429, attempt=1))
    verdict = verdict_of(await three[2].gathered(None))
    assert verdict.requests == 1
    assert verdict.findings[0].kind == "retry_after_ignored"
    assert verdict_of(await three[2].gathered(NOW + 0.2), NOW + 0.2).requests == 1


async def test_counters_are_those_of_the_others(three: list[SharedJournal]) -> None:
    record(three, *(entry(n, prompt_tokens=5) for n in range(6)))
    counts = [row.count for one in await three[0].counters(None) for row in one.rows]
    assert [(count.requests, count.prompt_tokens) for count in counts] == [(2, 10), (2, 10)]
    assert [one.rows for one in await three[0].counters(NOW + 3600)] == [[], []]
    assert [one.instance for one in await three[1].counters(None)] == ["one-0", "one-2"]


async def test_all_workers_forget_when_one_is_asked_to(three: list[SharedJournal]) -> None:
    record(three, *(entry(n) for n in range(6)))
    await three[1].clear()
    for journal in three:
        assert await paged(journal) == []
        assert journal.own.minutes.length == 0


async def test_a_process_alone_answers_from_its_own() -> None:
    alone = SharedJournal(journal_of(entry(0), entry(1)))
    assert len(await paged(alone)) == 2
    assert await alone.counters(None) == []
    assert (await alone.gathered(None)).length == 2
