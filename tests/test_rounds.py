"""Rounds: requests under way take each step together, and one that is alone does not wait."""

import asyncio

from simulator.rounds import Rounds
from tests.conftest import MakeSimulator
from tests.support.asking import ask, route

BODY = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 4}


async def take(rounds: Rounds, name: int, taken: list[tuple[str, int]]) -> None:
    with rounds:
        await rounds.gather()
        taken.append(("first", name))
        await rounds.step()
        taken.append(("second", name))


async def test_many_take_each_step_together_in_their_order() -> None:
    taken: list[tuple[str, int]] = []
    rounds = Rounds()
    await asyncio.gather(*(take(rounds, name, taken) for name in range(4)))
    assert taken == [(step, name) for step in ("first", "second") for name in range(4)]


async def test_few_do_not_wait_for_each_other() -> None:
    taken: list[tuple[str, int]] = []
    rounds = Rounds()
    await asyncio.gather(*(take(rounds, name, taken) for name in range(3)))
    assert taken == [(step, name) for name in range(3) for step in ("first", "second")]


async def test_one_that_has_left_is_not_counted() -> None:
    taken: list[tuple[str, int]] = []
    rounds = Rounds()
    for name in range(5):
        await take(rounds, name, taken)
    await asyncio.gather(*(take(rounds, name, taken) for name in (5, 6)))
    assert taken[-4:] == [("first", 5), ("second", 5), ("first", 6), ("second", 6)]


async def test_who_leaves_between_two_steps_is_noted_and_harms_nobody(
    make_simulator: MakeSimulator,
) -> None:
    simulator = make_simulator()
    for turns in range(1, 8):
        asked = [
            asyncio.create_task(ask(simulator, route("chat/completions", "gpt-4o"), BODY))
            for _ in range(5)
        ]
        for _ in range(turns):
            await asyncio.sleep(0)
        left = asked[2].cancel()
        replies = await asyncio.gather(*asked, return_exceptions=True)
        answered = [reply.status for reply in replies if not isinstance(reply, BaseException)]
        assert answered == [200] * (4 if left else 5)
        journal = (await ask(simulator, "/++/requests", method="GET", query="")).json["requests"]
        assert [entry["status"] for entry in journal[:5]].count(499) == left
        await ask(simulator, "/++/reset", method="POST", query="")
