"""`/++/recordings`: routes, entries in pages, and a recording as it is stored."""

import os
from pathlib import Path

import pytest

from simulator.app import Simulator
from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.store import RecordingStore
from simulator.storage.folder import FolderContainer
from tests.conftest import MakeSimulator
from tests.support.asking import Reply, ask

ROUTE = "v1/gpt-4o/chat-completions/"
BODY = b'{"messages":[{"role":"user","content":"Hi"}]}'
NAMES = [f"{ROUTE}{number:032x}.json" for number in range(30)]


@pytest.fixture
async def simulator(make_simulator: MakeSimulator, tmp_path: Path) -> Simulator:
    store = RecordingStore(FolderContainer(tmp_path), lambda: 0.0)
    exchange = Exchange(Request("POST", "/", body=BODY), 200, {}, (Piece(b"{}", 7),), 7)
    for name in [*NAMES, f"v1/o3/responses/{1:032x}.json"]:
        await store.keep(name, exchange)
    (tmp_path / "v1" / "readme.txt").write_text("no recording")
    return make_simulator(recording_dir=str(tmp_path))


async def get(simulator: Simulator, path: str = "", query: str = "") -> Reply:
    return await ask(simulator, f"/++/recordings{path}", method="GET", query=query)


async def test_routes_are_listed_with_the_number_of_their_recordings(simulator: Simulator) -> None:
    assert (await get(simulator)).json == {
        "routes": [
            {"route": ROUTE, "recordings": 30},
            {"route": "v1/o3/responses/", "recordings": 1},
        ],
        "whole": True,
    }


async def test_a_route_is_listed_in_pages(simulator: Simulator) -> None:
    seen: list[str] = []
    after = ""
    while after is not None:
        page = (await get(simulator, query=f"route={ROUTE}&limit=3&after={after}")).json
        assert len(page["recordings"]) <= 3
        seen += [row["name"] for row in page["recordings"]]
        after = page["next"]
    assert seen == NAMES


async def test_an_entry_says_what_was_asked(simulator: Simulator) -> None:
    page = (await get(simulator, query=f"route={ROUTE}&limit=1")).json
    assert page["recordings"][0] == {
        "name": NAMES[0],
        "resource": "",
        "deployment": "gpt-4o",
        "operation": "chat-completions",
        "recording": f"{0:032x}",
        "tokens": "",
        "duration": "7 ms",
        "prompt": "Hi",
    }


async def test_a_recording_is_shown_as_it_is_stored(simulator: Simulator, tmp_path: Path) -> None:
    reply = await get(simulator, f"/{NAMES[0]}")
    assert reply.body == (tmp_path / NAMES[0]).read_bytes()


@pytest.mark.parametrize(
    "name", ["v1/readme.txt", "../secret", ".state/configuration.json", NAMES[0][:-6]]
)
async def test_nothing_else_of_the_container_is_shown(simulator: Simulator, name: str) -> None:
    assert (await get(simulator, f"/{name}")).status == 404


@pytest.mark.parametrize("query", ["rout=x", "limit=0", "limit=201"])
async def test_a_bad_query_is_refused(simulator: Simulator, query: str) -> None:
    assert (await get(simulator, query=query)).status == 400


async def test_a_simulator_without_recordings_has_none(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    empty = make_simulator(recording_dir=str(tmp_path / "none"))
    assert (await get(empty)).json == {"routes": [], "whole": True}


@pytest.mark.parametrize("route", ["../..", "v1/../..", "/", "%00", "v1/" + "a" * 3_000, "v1//"])
async def test_what_is_no_route_has_no_recordings(
    make_simulator: MakeSimulator, tmp_path: Path, route: str
) -> None:
    simulator = make_simulator(recording_dir=str(tmp_path))
    assert (await get(simulator, query=f"route={route}")).json == {"recordings": [], "next": None}
    await simulator.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
async def test_a_recording_that_cannot_be_read_is_listed_as_such(
    simulator: Simulator, tmp_path: Path
) -> None:
    (tmp_path / NAMES[0]).unlink()
    (tmp_path / NAMES[0]).symlink_to(os.devnull)
    page = (await get(simulator, query=f"route={ROUTE}&limit=3")).json
    prompts = [row["prompt"] for row in page["recordings"]]
    assert prompts[0].startswith("unreadable: it is no file")
    assert prompts[1] == "Hi"
