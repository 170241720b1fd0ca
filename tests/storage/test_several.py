"""Work on many documents for one request: a few at a time, within a time for all, and what lists show."""

import asyncio
from typing import Any

import pytest

from simulator.app import Simulator
from simulator.assembly import control
from simulator.storage.several import AT_ONCE, each, several
from tests.conftest import KEY, MakeSimulator
from tests.support.asking import Reply, ask

MANY = AT_ONCE + 4
LINE = b'{"custom_id":"1","method":"POST","url":"/chat/completions","body":{"model":"gpt-4o"}}'


class Work:
    """Takes a turn of the loop for each item, and counts what is done at the same time."""

    def __init__(self) -> None:
        self.done = list[str]()
        self.most = self._now = 0

    async def __call__(self, item: str) -> str:
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        self.done.append(item)
        return item * 2


ITEMS = [str(number) for number in range(100)]


async def test_results_come_in_their_order_and_few_are_worked_on_at_a_time() -> None:
    work = Work()
    assert [result async for result in several(ITEMS, work)] == [item * 2 for item in ITEMS]
    assert work.most == AT_ONCE


async def test_once_the_time_is_over_no_more_are_begun() -> None:
    work = Work()
    assert len([result async for result in several(ITEMS, work, seconds=0.0)]) == AT_ONCE
    assert len(work.done) == AT_ONCE


async def test_where_all_have_to_be_done_they_are() -> None:
    work = Work()
    await each(ITEMS, work)
    assert sorted(work.done) == sorted(ITEMS)


async def test_an_error_of_one_is_that_of_all() -> None:
    async def fails(item: str) -> None:
        raise KeyError(item)

    with pytest.raises(KeyError):
        await each(ITEMS, fails)


async def add_file(simulator: Simulator, number: int) -> Any:
    form = (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="%d.jsonl"\r\n\r\n'
        b"%b\r\n--b--\r\n" % (number, LINE)
    )
    kind = {"content-type": "multipart/form-data; boundary=b", "api-key": KEY}
    return (await ask(simulator, "/openai/v1/files", form, query="", headers=kind)).json


async def add_batch(simulator: Simulator, number: int) -> Any:
    file = await add_file(simulator, number)
    asked = {
        "input_file_id": file["id"],
        "endpoint": "/chat/completions",
        "completion_window": "24h",
    }
    return (await ask(simulator, "/openai/v1/batches", asked, query="")).json


async def add_completion(simulator: Simulator, number: int) -> Any:
    messages = [{"role": "user", "content": str(number)}]
    asked = {"model": "gpt-4o", "messages": messages, "store": True, "max_tokens": 1}
    return (await ask(simulator, "/openai/v1/chat/completions", asked, query="")).json


async def listed(simulator: Simulator, path: str, after: str = "") -> Reply:
    query = "limit=100" + (f"&after={after}" if after else "")
    return await ask(simulator, path, method="GET", query=query)


@pytest.mark.parametrize(
    ("path", "add"),
    [
        ("/openai/v1/files", add_file),
        ("/openai/v1/batches", add_batch),
        ("/openai/v1/chat/completions", add_completion),
    ],
    ids=["files", "batches", "completions"],
)
async def test_a_list_from_a_slow_store_ends_early_and_goes_on_behind_its_last(
    make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch, path: str, add: Any
) -> None:
    simulator = make_simulator()
    added = {(await add(simulator, number))["id"] for number in range(MANY)}
    whole = (await listed(simulator, path)).json
    assert (len(whole["data"]), whole["has_more"]) == (MANY, False)
    defaults: Any = several.__kwdefaults__
    monkeypatch.setitem(defaults, "seconds", 0.0)
    page = (await listed(simulator, path)).json
    assert (len(page["data"]), page["has_more"]) == (AT_ONCE, True)
    rest = (await listed(simulator, path, page["last_id"])).json
    assert (len(rest["data"]), rest["has_more"]) == (MANY - AT_ONCE, False)
    assert {one["id"] for one in page["data"] + rest["data"]} == added


async def test_a_reset_of_a_slow_store_reports_what_is_left(
    make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator = make_simulator()
    for number in range(MANY):
        await add_completion(simulator, number)
    monkeypatch.setattr(control, "_DELETING", 0.0)
    refused = await ask(simulator, "/++/reset", {"what": ["completions"]})
    assert (refused.status, b"the rest is there" in refused.body) == (503, True)
    assert (await ask(simulator, "/++/reset", {"what": ["completions"]})).status == 200
    assert (await listed(simulator, "/openai/v1/chat/completions")).json["data"] == []
