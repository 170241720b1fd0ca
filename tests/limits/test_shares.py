"""Instances that count in their own memory: never more than the limit together, and nearly all of it."""

import itertools
import logging
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

import hypothesis
import pytest
from hypothesis import strategies

from simulator.instances.presence import ALONE, Standing
from simulator.limits.memory import MemoryStore
from simulator.limits.quota import ProvisionedLimits, StandardLimits
from simulator.limits.shares import SharesStore, share_of, units_of
from simulator.limits.window import SECOND
from tests.support.clock import Clock

LIMITS = StandardLimits(1_000, 60)


@dataclass
class Instance:
    """One process, whose standing a test changes."""

    clock: Clock
    standing: Standing = ALONE
    store: SharesStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = SharesStore(MemoryStore(self.clock), lambda: self.standing)


def instances(clock: Clock, number: int) -> list[Instance]:
    return [Instance(clock, Standing(rank, number)) for rank in range(number)]


@hypothesis.given(strategies.integers(0, 10**6), strategies.integers(1, 60))
def test_the_shares_add_up_to_the_limit(limit: int, number: int) -> None:
    limits = StandardLimits(limit, limit)
    shares = [share_of(limits, Standing(rank, number)) for rank in range(number)]
    assert sum(share.tokens_per_minute or 0 for share in shares) == limit
    assert sum(share.requests_per_minute or 0 for share in shares) == limit


def test_what_has_no_limit_has_no_share() -> None:
    assert share_of(StandardLimits(None, None), Standing(1, 3)) == StandardLimits(None, None)


@hypothesis.given(
    strategies.integers(1, 5),
    strategies.lists(
        strategies.tuples(
            strategies.integers(0, 4), strategies.floats(0, 5), strategies.integers(1, 200)
        ),
        max_size=150,
    ),
)
async def test_no_minute_has_more_than_the_limit(
    number: int, arrivals: list[tuple[int, float, int]]
) -> None:
    clock = Clock()
    serving = instances(clock, number)
    admitted: list[tuple[float, int]] = []
    for which, pause, tokens in arrivals:
        clock.now += pause
        decision = await serving[which % number].store.hit("chat", LIMITS, tokens)
        if not decision.wait:
            admitted.append((clock.now, tokens))
    for start, _ in admitted:
        window = [tokens for at, tokens in admitted if start <= at < start + 60]
        assert sum(window) <= 1_000
        assert len(window) <= 60


@pytest.mark.parametrize("number", [1, 2, 3, 7])
async def test_steady_overload_gets_nearly_all_of_the_limit(number: int) -> None:
    clock = Clock()
    serving = instances(clock, number)
    limits = StandardLimits(None, 600)
    admitted = 0
    for turn in range(180 * 40):
        clock.now += 1 / 40
        decision = await serving[turn % number].store.hit("chat", limits, 1)
        admitted += not decision.wait
    assert 0.95 * 3 * 600 <= admitted <= 4 * 600


@pytest.mark.parametrize(
    ("requests", "number", "most"),
    [
        (600, 2, 100),
        (600, 3, 100),
        (600, 7, 100),
        (60, 2, 10),
        (1_000, 6, 167),
        (60, 3, 12),  # divided without rounding up, 56 of 60 would pass
        (6, 3, 3),
    ],
)
async def test_no_slice_has_more_than_its_part_of_the_limit_unless_it_is_small(
    requests: int, number: int, most: int
) -> None:
    clock = Clock()
    serving = instances(clock, number)
    limits = StandardLimits(None, requests)
    admitted: list[int] = []  # in thirty-seconds of a second, which add up without rounding
    for turn in range(32 * 130):
        clock.now += 1 / 32
        decision = await serving[turn % number].store.hit("chat", limits, 1)
        if not decision.wait:
            admitted.append(turn)
    assert largest(admitted, 32 * 10) == most
    assert 0.95 * requests <= largest(admitted, 32 * 60) <= requests


def largest(moments: Sequence[int], span: int) -> int:
    """The most moments, in order, that any span holds."""
    return max(bisect_left(moments, at + span) - index for index, at in enumerate(moments))


async def test_a_change_of_the_number_passes_no_more_than_one_share_too_many() -> None:
    clock = Clock()
    first, second = Instance(clock), Instance(clock, Standing(1, 2))
    limits = StandardLimits(1_000, None)
    admitted = 0
    # The first has used the whole limit when the second comes, which knows of the first.
    for instance, _ in itertools.product([first, second], range(1_000)):
        admitted += not (await instance.store.hit("chat", limits, 1)).wait
    first.standing = Standing(0, 2)
    for instance, _ in itertools.product([first, second], range(1_000)):
        admitted += not (await instance.store.hit("chat", limits, 1)).wait
    assert admitted == 1_500
    clock.now += 61
    admitted = 0
    for instance, _ in itertools.product([first, second], range(1_000)):
        admitted += not (await instance.store.hit("chat", limits, 1)).wait
    assert admitted == 1_000


async def test_an_instance_that_goes_leaves_no_more_than_its_share_to_pass_on_top() -> None:
    clock = Clock()
    first, second = instances(clock, 2)
    limits = StandardLimits(1_000, None)
    admitted = 0
    for instance, _ in itertools.product([first, second], range(1_000)):
        admitted += not (await instance.store.hit("chat", limits, 1)).wait
    first.standing = ALONE
    for _ in range(1_000):
        admitted += not (await first.store.hit("chat", limits, 1)).wait
    assert admitted == 1_500


async def test_a_request_larger_than_a_share_need_not_wait_for_a_day() -> None:
    instance = Instance(Clock(), Standing(0, 3))
    decision = await instance.store.hit("chat", LIMITS, 900)
    assert decision.wait == 60 * SECOND
    assert (await instance.store.hit("chat", LIMITS, 1_001)).wait == 86_400 * SECOND


@pytest.mark.parametrize("limits", [StandardLimits(0, None), StandardLimits(None, 0)])
@pytest.mark.parametrize("number", [1, 2])
async def test_where_the_whole_limit_is_nothing_no_wait_helps(
    limits: StandardLimits, number: int
) -> None:
    (instance, *_) = instances(Clock(), number)
    assert (await instance.store.hit("chat", limits, 1)).wait == 86_400 * SECOND


async def test_counts_are_shown_for_all_instances() -> None:
    instance = Instance(Clock(), Standing(0, 2))
    decision = await instance.store.hit("chat", LIMITS, 100)
    assert (decision.requests, decision.tokens) == (2, 200)
    used = await instance.store.used("chat")
    assert (used.requests, used.tokens) == (2, 200)


async def test_provisioned_units_are_shared_too() -> None:
    limits = ProvisionedLimits(10, 1_000, 4)
    assert units_of(limits, ALONE) is limits
    assert units_of(limits, Standing(1, 4)).tokens_per_minute == 2_500
    instance = Instance(Clock(), Standing(0, 4))
    await instance.store.fill("units", limits, 1_250)
    assert (await instance.store.utilization("units", limits)).utilization == 0.5
    await instance.store.correct("units", limits, -1_250)
    assert (await instance.store.utilization("units", limits)).utilization == 0.0


async def test_a_second_instance_is_a_warning_once_that_names_the_setting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    instance = Instance(Clock())
    await instance.store.hit("chat", LIMITS, 1)
    assert caplog.messages == []
    instance.standing = Standing(0, 2)
    for _ in range(3):
        await instance.store.hit("chat", LIMITS, 1)
    (message,) = caplog.messages
    assert "2 instances" in message
    assert "RATE_LIMIT_REDIS_URL" in message


async def test_a_deployment_that_is_no_more_is_forgotten() -> None:
    one = Instance(Clock(), Standing(0, 2))
    await one.store.hit("gone", LIMITS, 10)
    await one.store.hit("there", LIMITS, 10)
    await one.store.forget("gone")
    assert (await one.store.used("gone")).tokens == 0
    assert (await one.store.used("there")).tokens == 20
