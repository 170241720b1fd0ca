from hypothesis import given
from hypothesis import strategies as st

from simulator.journal.entry import Bodies, shown
from simulator.journal.journal import Filter
from simulator.journal.minutes import (
    MINUTES_KEPT,
    MOST_IN_ALL,
    MOST_PER_MINUTE,
    OTHERS,
    Minutes,
)
from tests.journal.entries import NOW, entry, journal_of


def test_only_the_newest_entries_are_kept() -> None:
    journal = journal_of(*(entry(n) for n in range(10)), size=3)
    page = journal.page(Filter(), limit=10)
    assert [one.time - NOW for one in page.entries] == [9, 8, 7]
    assert page.next is None


@given(st.integers(1, 12), st.integers(0, 30))
def test_pages_hold_every_entry_once_newest_first(limit: int, many: int) -> None:
    entries = [entry(n) for n in range(many)]
    journal = journal_of(*entries)
    found: list[str] = []
    after = None
    while True:
        page = journal.page(Filter(), limit=limit, after=after)
        assert len(page.entries) <= limit
        found += [one.id for one in page.entries]
        after = page.next
        if after is None:
            break
    assert found == [one.id for one in reversed(entries)]


def test_filters_hold_together() -> None:
    entries = [entry(0), entry(1, 429), entry(2, 429, deployment="other")]
    journal = journal_of(*entries)
    wanted = Filter(deployment="chat", status=429, since=NOW + 0.5)
    assert journal.page(wanted, limit=9).entries == (entries[1],)


def test_an_id_that_is_gone_ends_the_paging() -> None:
    assert journal_of(entry(0)).page(Filter(), limit=5, after="gone").entries == ()


def test_members_with_nothing_to_say_are_absent() -> None:
    document = shown(entry(0), "then")
    assert set(document) == {
        "id", "time", "operation", "status", "duration_ms", "deployment", "model", "client"
    }  # fmt: skip


def test_members_are_shown_in_one_order() -> None:
    whole = entry(
        0, 429, resource="east", key="team", client="app", attempt=1, recording="hit", batch=True,
        error="RateLimited", reason="full", rule="r", cut=True, first_token=0.0123456,
        prompt_tokens=9, cached_tokens=4, cache_write_tokens=3, completion_tokens=5, seconds=1.0,
        instance="one",
    )  # fmt: skip
    assert list(shown(whole, "then").items()) == [
        ("id", whole.id),
        ("time", "then"),
        ("operation", "chat_completions"),
        ("status", 429),
        ("duration_ms", 1000.0),
        ("instance", "one"),
        ("resource", "east"),
        ("deployment", "chat"),
        ("model", "gpt-4o"),
        ("key", "team"),
        ("client", "app"),
        ("attempt", 1),
        ("error", "RateLimited"),
        ("reason", "full"),
        ("rule", "r"),
        ("prompt_tokens", 9),
        ("cached_tokens", 4),
        ("cache_write_tokens", 3),
        ("completion_tokens", 5),
        ("first_token_ms", 12.346),
        ("cut", True),
        ("recording", "hit"),
        ("batch", True),
    ]


def test_bodies_are_shown_where_they_are_kept() -> None:
    document = shown(entry(0, bodies=Bodies("in", "out")), "then")
    assert (document["request"], document["response"]) == ("in", "out")


def test_counters_outlive_the_ring() -> None:
    journal = journal_of(*(entry(n, prompt_tokens=5) for n in range(10)), size=2)
    assert [count.requests for _, _, count in journal.minutes.since(None)] == [10]
    assert sum(count.prompt_tokens for _, _, count in journal.minutes.since(None)) == 50


def test_counters_forget_what_is_older_than_a_day() -> None:
    minutes = Minutes()
    for minute in range(MINUTES_KEPT + 5):
        minutes.count(entry(minute * 60.0))
    assert len(list(minutes.since(None))) == MINUTES_KEPT


def test_names_without_end_are_counted_together() -> None:
    minutes = Minutes()
    for number in range(MOST_PER_MINUTE + 50):
        minutes.count(entry(0, deployment=f"d{number}"))
    counts = {group: count.requests for _, group, count in minutes.since(None)}
    assert len(counts) == MOST_PER_MINUTE + 1
    assert counts[OTHERS] == 50


def test_counters_without_end_push_the_oldest_minutes_out() -> None:
    minutes = Minutes()
    for minute in range(MOST_IN_ALL // MOST_PER_MINUTE + 2):
        for number in range(MOST_PER_MINUTE):
            minutes.count(entry(minute * 60, deployment=f"d{number}"))
    assert len(list(minutes.since(None))) == MOST_IN_ALL
    assert len({minute for minute, _, _ in minutes.since(None)}) == MOST_IN_ALL // MOST_PER_MINUTE


def test_clearing_forgets_entries_and_counters() -> None:
    journal = journal_of(entry(0))
    journal.clear()
    assert (journal.page(Filter(), limit=1).entries, list(journal.minutes.since(None))) == ((), [])


def test_a_frozen_copy_stays_as_it_is() -> None:
    journal = journal_of(entry(0))
    copy = journal.frozen()
    journal.record(entry(61, deployment="other"))
    journal.clear()
    assert copy.length == copy.minutes.length == 1
    assert [one.deployment for one in copy.since(None)] == ["chat"]
    assert [group.deployment for _, group, _ in copy.minutes.since(None)] == ["chat"]
