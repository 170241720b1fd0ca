"""The commands import and recordings, on a folder as a user has it."""

import asyncio
import json
from pathlib import Path

import pytest
import yaml

from simulator.__main__ import main
from simulator.messages import Request
from tests.conftest import KEY, MakeSimulator

QUESTION = {"messages": [{"role": "user", "content": "What is Azure?"}]}
ANSWER = {"id": "1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
PATH = "/openai/deployments/gpt-4o/chat/completions"


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("RECORDING_DIR", str(tmp_path / "recordings"))
    monkeypatch.setenv("SIMULATOR_MODE", "replay")
    return tmp_path / "recordings"


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    request = {
        "method": "POST",
        "uri": f"https://mine.openai.azure.com{PATH}?api-version=2024-10-21",
        "headers": {"Content-Type": ["application/json"]},
        "body": json.dumps(QUESTION),
    }
    response = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Content-Type": ["application/json"]},
        "body": {"string": json.dumps(ANSWER)},
    }
    path = tmp_path / "cassettes" / "one.yaml"
    path.parent.mkdir()
    interactions = [{"request": request, "response": response}]
    path.write_text(yaml.safe_dump({"interactions": interactions, "version": 1}))
    return path


async def test_what_is_imported_is_replayed(
    cassette: Path, folder: Path, make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:

    # The command runs a loop of its own.
    assert await asyncio.to_thread(main, ["import", str(cassette.parent)]) == 0
    simulator = make_simulator(mode="replay", recording_dir=str(folder))
    body = json.dumps(QUESTION, indent=4).encode()
    headers = {"api-key": KEY, "content-type": "application/json"}
    response = await simulator(
        Request("POST", PATH, "api-version=2025-04-01-preview", headers, body)
    )
    assert response.status == 200
    assert isinstance(response.body, bytes)
    assert json.loads(response.body) == ANSWER


def test_an_import_says_what_it_did(cassette: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["import", str(cassette)])
    assert capsys.readouterr().out.startswith("imported 1, skipped 0")
    main(["import", str(cassette)])
    assert "recorded already" in capsys.readouterr().out


def test_the_list_tells_deployment_operation_prompt_and_tokens(
    cassette: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", str(cassette)])
    capsys.readouterr()
    assert main(["recordings", "list"]) == 0
    row = capsys.readouterr().out.splitlines()[1]
    for cell in ("gpt-4o", "chat-completions", "3+4", "What is Azure?"):
        assert cell in row


def test_a_recording_is_shown_by_the_beginning_of_its_key(
    cassette: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", str(cassette)])
    capsys.readouterr()
    (file,) = folder.rglob("*.json")
    assert main(["recordings", "show", file.name[:6]]) == 0
    assert json.loads(capsys.readouterr().out)["request"]["path"] == PATH


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import", "nowhere.yaml"], "there is no nowhere.yaml"),
        (["recordings", "show", "abc"], "no recording is called abc"),
    ],
)
def test_what_is_not_there_is_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert told in capsys.readouterr().err


def test_several_recordings_that_are_meant_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key in ("ab" + "1" * 30, "ab" + "2" * 30):
        path = folder / "v1" / "gpt-4o" / "chat-completions" / f"{key}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert main(["recordings", "show", "ab"]) == 0
    assert capsys.readouterr().out.startswith("2 recordings are meant")
