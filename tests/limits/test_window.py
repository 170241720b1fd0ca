import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.limits.quota import StandardLimits
from simulator.limits.window import NEVER, SECOND, StandardWindows, Window, WindowLengths
from tests.limits.oracle import Oracle

# Pauses between arrivals in microseconds, mixed so that sums fall on both sides of every span.
pauses = st.one_of(
    st.just(0),
    st.integers(1, 20_000),
    st.integers(20_000, 2_000_000),
    st.sampled_from([100_000, 10 * SECOND, 60 * SECOND - 1, 60 * SECOND]),
)
arrivals = st.lists(st.tuples(pauses, st.integers(0, 120)), min_size=1, max_size=120)


@given(
    arrivals=arrivals,
    limit=st.integers(1, 300),
    span=st.sampled_from([600, 10 * SECOND, 60 * SECOND]),
)
def test_a_window_admits_what_the_oracle_admits(
    arrivals: list[tuple[int, int]], limit: int, span: int
) -> None:
    window, oracle, now = Window(span), Oracle(limit, span), 0
    for pause, amount in arrivals:
        now += pause
        window.expire(now)
        fits = window.wait_for_tokens(now, amount, limit) == 0
        assert oracle.must(now, amount) <= fits <= oracle.may(now, amount)
        if fits:
            window.add(now, amount)
            oracle.add(now, amount)


@given(arrivals=arrivals, tokens=st.integers(1, 500), requests=st.integers(1, 40))
def test_no_interval_ever_holds_more_than_the_limits(
    arrivals: list[tuple[int, int]], tokens: int, requests: int
) -> None:
    limits, windows, now = StandardLimits(tokens, requests), StandardWindows(WindowLengths()), 0
    taken: list[tuple[int, int]] = []
    for pause, cost in arrivals:
        now += pause
        if windows.hit(now, limits, cost).wait == 0:
            taken.append((now, cost))
    for start, _ in taken:
        minute = [cost for at, cost in taken if start <= at < start + 60 * SECOND]
        slice_ = [cost for at, cost in taken if start <= at < start + 10 * SECOND]
        assert sum(minute) <= tokens
        assert len(minute) <= requests
        assert len(slice_) <= limits.requests_per_slice(10, 60)


@given(arrivals=arrivals, tokens=st.integers(1, 500), requests=st.integers(1, 40))
def test_a_refused_request_is_admitted_after_its_wait_and_not_a_microsecond_earlier(
    arrivals: list[tuple[int, int]], tokens: int, requests: int
) -> None:
    limits, windows, now = StandardLimits(tokens, requests), StandardWindows(WindowLengths()), 0
    for pause, cost in arrivals:
        now += pause
        wait = windows.hit(now, limits, cost).wait
        if wait == 0:
            continue
        if wait == NEVER:
            assert cost > tokens
            continue
        assert windows.hit(now + wait - 1, limits, cost).wait == 1
        now += wait
        assert windows.hit(now, limits, cost).wait == 0


def test_a_request_dearer_than_the_limit_has_to_wait_for_a_day() -> None:
    verdict = StandardWindows(WindowLengths()).hit(0, StandardLimits(100, 6), 101)
    assert (verdict.wait, verdict.cause) == (86_400 * SECOND, "tokens")


@pytest.mark.parametrize(("refused_by", "tokens"), [("tokens", 60), ("requests", 0)])
def test_a_refused_request_is_charged_to_no_window(refused_by: str, tokens: int) -> None:
    windows, limits = StandardWindows(WindowLengths()), StandardLimits(100, 6)
    windows.hit(0, limits, 50)
    now = 10 * SECOND if refused_by == "tokens" else 1
    verdict = windows.hit(now, limits, tokens)
    assert verdict.cause == refused_by
    assert (verdict.requests, verdict.tokens) == (1, 50)
    assert windows.hit(10 * SECOND, limits, 50).wait == 0


@pytest.mark.parametrize(
    ("per_minute", "slice_seconds", "expected"),
    [(6, 10, 1), (60, 10, 10), (600, 1, 10), (7, 10, 2), (3, 10, 1), (3, 1, 1), (3, 60, 3)],
)
def test_a_slice_holds_its_share_rounded_up(
    per_minute: int, slice_seconds: int, expected: int
) -> None:
    assert StandardLimits(None, per_minute).requests_per_slice(slice_seconds, 60) == expected


def test_without_a_request_limit_a_slice_has_no_share() -> None:
    with pytest.raises(ValueError, match="not limited"):
        StandardLimits(1_000, None).requests_per_slice(10, 60)


def test_rounding_the_slice_up_does_not_raise_the_minute() -> None:
    windows, limits = StandardWindows(WindowLengths()), StandardLimits(None, 7)
    admitted = [windows.hit(at * SECOND, limits, 1).wait == 0 for at in range(60)]
    assert sum(admitted) == 7


def test_a_sparse_client_is_admitted_to_the_microsecond() -> None:
    windows, limits = StandardWindows(WindowLengths()), StandardLimits(1_000, 6)
    assert windows.hit(0, limits, 1).wait == 0
    assert windows.hit(0, limits, 1).wait == 10 * SECOND


@pytest.mark.parametrize("slice_seconds", [1, 10, 60])
def test_steady_overload_gets_the_limit_each_minute_within_a_percent(slice_seconds: int) -> None:
    limits, windows = (
        StandardLimits(6_000, 600),
        StandardWindows(WindowLengths(slice=slice_seconds)),
    )
    minutes = [0, 0, 0]
    for step in range(3 * 6_000):  # 100 requests a second, ten times the limit
        now = step * 10_000
        if windows.hit(now, limits, 10).wait == 0:
            minutes[now // (60 * SECOND)] += 1
    assert all(594 <= count <= 600 for count in minutes), minutes


def test_a_window_of_a_hundred_thousand_requests_keeps_few_entries() -> None:
    window = Window(60 * SECOND)
    for step in range(100_000):
        window.expire(step * 600)
        window.add(step * 600, 1)
    assert (window.requests, window.tokens) == (100_000, 100_000)
    assert len(window._entries) <= 601
