"""The command that learns latency from recordings."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest
from msgspec import structs

from simulator.__main__ import main
from simulator.catalogue.latency_table import read_profile
from simulator.commands.progress import bar
from simulator.recordings.store import RecordingStore
from simulator.storage.folder import FolderContainer
from tests.recordings.analysis.test_learning import stream


async def record(folder: Path, streams: int, resource: str = "") -> None:
    store = RecordingStore(FolderContainer(folder), time.monotonic)
    for number in range(streams):
        name = f"v1/chat/chat-completions/{len(resource)}{number:031x}.json"
        exchange = stream(400 + number, 10)
        request = structs.replace(exchange.request, resource=resource)
        await store.keep(name, structs.replace(exchange, request=request))
    await store.container.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    asyncio.run(record(folder, 8))
    return folder


def test_it_prints_a_profile_that_can_be_used(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["latency", "learn", "--store", str(folder)]) == 0
    printed = capsys.readouterr().out
    document = json.loads(printed)
    assert document["learnt"]["streams"] == {"chat": 8}
    points = document["deployments"]["chat"]["first_token_ms"]["quantiles"]
    assert (points[0], points[-1]) == ([0.0, 400], [1.0, 407])
    assert list(read_profile(printed.encode(), "x").deployments) == ["chat"]


def test_a_resource_of_a_fleet_is_learnt_on_its_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(record(folder, 6, "eastus2"))
    learn = ["latency", "learn", "--store", str(folder)]
    for chosen, streams in (([], 14), (["--resource", "eastus2"], 6)):
        assert main([*learn, *chosen]) == 0
        assert json.loads(capsys.readouterr().out)["learnt"]["streams"] == {"chat": streams}
    assert main([*learn, "--resource", "nobody"]) == 1


def test_it_draws_what_it_has_learnt(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "latency.png"
    assert main(["latency", "learn", "--store", str(folder), "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    with_bad_name = ["latency", "learn", "--store", str(folder), "--plot", "no/such/folder.png"]
    assert main(with_bad_name) == 1
    assert "no/such/folder.png cannot be written" in capsys.readouterr().err


def test_a_broken_recording_is_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "v1/chat/chat-completions" / f"{9:032x}.json").write_text("{", encoding="utf-8")
    assert main(["latency", "learn", "--store", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["learnt"]["recordings"] == 8


def test_too_few_streams_teach_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(record(tmp_path / "few", 2))
    assert main(["latency", "learn", "--store", str(tmp_path / "few")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "chat: fewer than 5 streams, nothing is learnt"
    assert "nothing to learn" in lines[1]


def test_a_folder_that_is_not_there_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["latency", "learn", "--store", "nowhere"]) == 1
    assert "there is no folder nowhere" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")
def test_a_bar_is_drawn_on_a_terminal_also_if_that_knows_no_width(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A new pseudo-terminal has neither columns nor rows.
    ours, terminal = os.openpty()
    os.set_blocking(ours, False)
    with os.fdopen(terminal, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with bar("files") as progress:
            progress(1, 2)
        stream.flush()
        drawn = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "0 files [" in drawn


def test_a_bar_is_for_terminals_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("files") as progress:
        progress(1, 2)
        progress(2, 2)
    assert capsys.readouterr().err == ""
