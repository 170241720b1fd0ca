import asyncio
import json

import pytest

from simulator.messages import Request
from simulator.recordings.exchange import Exchange
from simulator.recordings.fingerprint import Matching
from simulator.recordings.library import CANDIDATES, Library
from simulator.recordings.nearest import Comparison, Nearest, reported
from simulator.recordings.store import RecordingStore
from tests.recordings.test_store import Counting
from tests.support.clock import Clock


def asked(body, **fields):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(fields.pop("method", "POST"), fields.pop("path", "/a"), body=data, **fields)


def differences(one, other, matching):
    return Comparison(one, matching).differences(other)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a: asked 1, recorded 2"]),
        ({"a": None}, {}, ["a: asked null, recorded nothing"]),
        ({}, {"a": "x"}, ['a: asked nothing, recorded "x"']),
        (
            {"messages": [{"role": "user", "content": "Hi"}]},
            {"messages": [{"role": "user", "content": "Ho"}]},
            ['messages[0].content: asked "Hi", recorded "Ho"'],
        ),
        ([1, 2], [1], ["[1]: asked 2, recorded nothing"]),
        (b"raw", b"other!", ["body: asked 3 bytes, recorded 6 other bytes"]),
        (b'{"a":1}', b"", ["body: asked 7 bytes, recorded 0 other bytes"]),
    ],
)
def test_the_values_that_differ_are_named_by_their_path(one, other, found):
    assert list(differences(asked(one), asked(other), Matching())) == found


def test_ignored_fields_do_not_differ():
    one, other = asked({"a": 1, "seed": 1}), asked({"a": 1, "seed": 2})
    assert differences(one, other, Matching(ignored=frozenset({"seed"}))) == ()


def test_method_path_and_query_may_differ_too():
    one = asked({}, method="PUT", path="/b", query_string="x=1&api-version=1")
    other = asked({}, query_string="api-version=2")
    assert differences(one, other, Matching()) == (
        "method: asked PUT, recorded POST",
        "path: asked /b, recorded /a",
        "query: asked x=1, recorded ",
    )


def test_of_long_texts_the_place_is_shown_where_they_begin_to_differ():
    one, other = asked({"a": "x" * 500 + "one" + "y" * 500}), asked({"a": "x" * 500 + "two"})
    (found,) = differences(one, other, Matching())
    assert "xxone" in found
    assert "xxtwo" in found
    assert len(found) < 200


def test_few_differences_are_listed_and_the_rest_counted():
    exchange = Exchange(asked({}), 200, {}, (), 0)
    assert reported(Nearest("n", exchange, ("a", "b"))) == "a; b"
    assert reported(Nearest("n", exchange, ("a", "b", "c")), most=2) == "a; b; and 1 more"


async def test_the_number_of_recordings_that_are_compared_is_bounded():
    container = Counting()
    store = RecordingStore(container, Clock())
    library = Library(store, Matching())
    for number in range(CANDIDATES + 20):
        request = asked({"number": number, "x": 1}, path="/openai/deployments/a/b")
        place = await library.place(request)
        await store.keep(place.name, Exchange(request, 200, {}, (), 0))
    cold = Library(RecordingStore(container, Clock()), Matching())
    nearest = await cold.nearest(asked({"number": -1, "x": 1}, path="/openai/deployments/a/b"))
    assert len(nearest.differences) == 1
    assert len(container.reads) == CANDIDATES


async def test_a_recording_that_goes_while_it_is_looked_for_is_nobodys_nearest():
    container = Counting()
    request = asked({}, path="/openai/deployments/a/b")
    library = Library(RecordingStore(container, Clock()), Matching())
    place = await library.place(request)
    assert await library.find(request, place) is None
    await RecordingStore(container, Clock()).keep(place.name, Exchange(request, 200, {}, (), 0))
    assert await library.nearest(request) is None


async def test_a_file_beside_a_recording_is_no_recording():
    container = Counting()
    request = asked({}, path="/openai/deployments/a/b")
    await container.put("v1/a/b/" + "0" * 32 + ".bin", b"")
    assert await Library(RecordingStore(container, Clock()), Matching()).nearest(request) is None


def test_bodies_of_very_many_values_are_compared_as_a_whole():
    one, other = asked({str(number): number for number in range(3_000)}), asked({"a": 1})
    (found,) = differences(one, other, Matching())
    assert found.startswith("body: asked ")


def test_a_long_name_is_cut():
    (found,) = differences(asked({"x" * 10_000: 1}), asked({}), Matching())
    assert len(found) < 200


async def test_many_misses_at_once_share_one_listing():
    class Listed(Counting):
        listings = 0

        async def names(self, prefix=""):
            self.listings += 1
            await asyncio.sleep(0)
            async for name in super().names(prefix):
                yield name

    container = Listed()
    library = Library(RecordingStore(container, Clock()), Matching())
    misses = [library.nearest(asked({"a": number})) for number in range(100)]
    assert await asyncio.gather(*misses) == [None] * 100
    assert container.listings == 1


@pytest.mark.parametrize("bound", ["COMPARED", "_MOST_COMPARED"])
async def test_recordings_are_compared_until_they_are_large_or_take_long(monkeypatch, bound):
    container = Counting()
    store = RecordingStore(container, Clock())
    library = Library(store, Matching())
    for number in range(20):
        request = asked({"number": number}, path="/openai/deployments/a/b")
        await store.keep((await library.place(request)).name, Exchange(request, 200, {}, (), 0))
    monkeypatch.setattr(f"simulator.recordings.library.{bound}", 0)
    cold = Library(RecordingStore(container, Clock()), Matching())
    nearest = await cold.nearest(asked({"number": -1}, path="/openai/deployments/a/b"))
    assert nearest is not None
    assert len(container.reads) == 4
