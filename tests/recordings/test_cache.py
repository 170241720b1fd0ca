import hypothesis
from hypothesis import strategies as st

from simulator.messages import Request
from simulator.recordings.cache import Entry, RecordingCache
from simulator.recordings.exchange import Exchange

EXCHANGE = Exchange(Request("GET", "/"), 200, {}, (), 0)


def entry(size, etag="1", moment=0.0):
    return Entry(EXCHANGE, etag, size, moment)


def test_the_one_used_longest_ago_makes_room():
    cache = RecordingCache(100)
    for name in "ab":
        cache.keep(name, entry(50))
    cache.get("a")
    cache.keep("c", entry(50))
    assert [name for name in "abc" if cache.get(name)] == ["a", "c"]


def test_one_that_is_too_large_is_not_kept_and_drives_nobody_out():
    cache = RecordingCache(100)
    cache.keep("a", entry(60))
    cache.keep("b", entry(101))
    assert cache.get("a") is not None
    assert cache.get("b") is None


@hypothesis.settings(deadline=None)
@hypothesis.given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 60))))
def test_it_never_holds_more_than_its_capacity(steps):
    cache = RecordingCache(100)
    for name, size in steps:
        cache.keep(name, entry(size))
    held = [found.size for name in "abcde" if (found := cache.get(name))]
    assert sum(held) <= 100


def test_a_touched_entry_is_fresh_again():
    cache = RecordingCache(100)
    cache.keep("a", entry(1))
    stored = cache.get("a")
    assert stored is not None
    cache.touch("a", stored, 7.0)
    assert cache.get("a").checked_at == 7.0


def test_touching_what_was_dropped_brings_nothing_back():
    cache = RecordingCache(100)
    cache.touch("a", entry(1), 7.0)
    assert cache.get("a") is None


def test_a_miss_is_remembered_with_its_moment_until_something_is_kept():
    cache = RecordingCache(100)
    cache.miss("a", 5.0)
    assert cache.missed_at("a") == 5.0
    cache.keep("a", entry(1))
    assert cache.missed_at("a") is None


def test_misses_are_forgotten_together():
    cache = RecordingCache(100)
    cache.miss("a", 5.0)
    cache.forget_misses()
    assert cache.missed_at("a") is None


def test_misses_do_not_pile_up():
    cache = RecordingCache(100)
    for number in range(10_001):
        cache.miss(str(number), 1.0)
    assert cache.missed_at("0") is None
    assert cache.missed_at("10000") == 1.0
