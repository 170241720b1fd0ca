"""The commands import and recordings, on a folder as a user has it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from simulator.__main__ import main
from simulator.messages import Request
from tests.conftest import KEY, MakeSimulator
from tests.support.azurite import KEY as AZURITE
from tests.support.azurite import free_port

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


def test_the_list_shows_deployment_operation_prompt_and_tokens(
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
        (["import", "nowhere.yaml"], "there is no file or folder nowhere.yaml"),
        (["recordings", "show", "abc"], "no recording is called abc"),
    ],
)
def test_what_is_not_there_is_one_line(
    arguments: list[str], told: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
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


@pytest.mark.parametrize("action", [["list"], ["show", "ab"]])
def test_a_folder_that_is_not_there_is_an_error(
    action: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recordings", *action]) == 1
    assert f"there is no folder {folder}" in capsys.readouterr().err


def test_the_store_is_named_beside_the_table(
    cassette: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", str(cassette)])
    assert f"into the folder {folder}" in capsys.readouterr().out
    main(["recordings", "list"])
    captured = capsys.readouterr()
    assert captured.err == f"recordings of the folder {folder}\n"
    assert captured.out.startswith("deployment ")


def test_an_import_of_nothing_fails_and_of_what_is_there_does_not(
    cassette: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["import", str(empty)]) == 1
    said = capsys.readouterr().out
    assert said.startswith("imported 0: no file there looks like a cassette or a recording\n")
    assert [main(["import", str(cassette)]) for _ in range(2)] == [0, 0]


def test_a_reader_that_has_enough_ends_the_list_quietly(cassette: Path) -> None:
    main(["import", str(cassette)])
    command = f"{sys.executable} -m simulator recordings list | true"
    done = subprocess.run(  # noqa: S603 - our own program
        ["bash", "-o", "pipefail", "-c", command],  # noqa: S607 - the user's shell
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [])


def test_a_blob_store_that_is_not_there_is_one_line_that_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    account = "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1"
    port = free_port()
    monkeypatch.setenv(
        "RecordingStorage",
        f"{account};AccountKey={AZURITE};BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;",
    )
    assert main(["recordings", "list"]) == 1
    said = "simulator: Azurite does not answer; is it running? (make azurite)"
    assert capsys.readouterr().err.splitlines()[-1] == said
