"""The command that asks again for what was recorded."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import openai
import pytest
from msgspec import structs

from simulator.__main__ import main
from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.store import RecordingStore
from simulator.storage.folder import FolderContainer
from tests.conftest import API_VERSION, KEY, Serve
from tests.support.route_clients import client_on


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str) -> Path:
    """Settings that name a resource, which is a simulator, and an empty folder of recordings."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name, value in {
        "AZURE_OPENAI_ENDPOINT": server,
        "AZURE_OPENAI_KEY": KEY,
        "RECORDING_DIR": str(folder),
        "SIMULATOR_API_KEY": KEY,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("RecordingStorage", raising=False)
    return folder


@pytest.fixture
def recorded(environment: Path, server: str, serve: Serve) -> Path:
    """A plain and a streamed chat, and embeddings, recorded from the resource."""
    url = serve(
        mode="record",
        upstream_endpoint=server,
        upstream_key=KEY,
        recording_dir=str(environment),
    )
    with openai.AzureOpenAI(
        azure_endpoint=url, api_key=KEY, api_version=API_VERSION, max_retries=0
    ) as client:
        messages: Any = [{"role": "user", "content": "Hello"}]
        client.chat.completions.create(model="gpt-4o", messages=messages)
        for _ in client.chat.completions.create(model="gpt-4o", messages=messages, stream=True):
            pass
        client.embeddings.create(model="text-embedding-3-small", input="Hello")
    return environment


def put(folder: Path, exchange: Exchange, number: int) -> None:
    """Store an exchange under a name of its own."""

    async def keep() -> None:
        store = RecordingStore(FolderContainer(folder), time.monotonic)
        await store.keep(f"v1/gpt-4o/chat-completions/{number:032x}.json", exchange)
        await store.container.close()

    asyncio.run(keep())


def chat(body: bytes = b'{"old": 1}', **changes: Any) -> Exchange:
    members: dict[str, Any] = {
        "request": Request(
            "POST",
            "/openai/deployments/gpt-4o/chat/completions",
            f"api-version={API_VERSION}",
            {"content-type": "application/json"},
            b'{"messages":[{"role":"user","content":"Hello"}]}',
        ),
        "status": 200,
        "headers": {"content-type": "application/json"},
        "pieces": (Piece(body, 5),),
        "duration_ms": 5,
        **changes,
    }
    return Exchange(**members)


@pytest.mark.parametrize("against", ["resource", "generate"])
def test_a_resource_that_answers_as_it_did_has_no_drift(
    recorded: Path, against: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["recordings", "check", "--against", against])
    printed = capsys.readouterr()
    assert printed.out == "3 recordings checked, 0 drifted\n"
    assert code == 0
    assert printed.err.startswith("recordings of the folder")


@pytest.mark.parametrize("against", ["resource", "generate"])
def test_drift_is_shown_and_fails(
    environment: Path, against: str, capsys: pytest.CaptureFixture[str]
) -> None:
    put(environment, chat(), 1)
    assert main(["recordings", "check", "--against", against]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 recordings checked, 1 drifted"
    assert lines[1].endswith("(POST /openai/deployments/gpt-4o/chat/completions)")
    assert "    body.old is gone" in lines
    assert "    body.choices is new" in lines


def test_a_resource_of_a_fleet_is_asked_at_its_own_upstream(
    environment: Path,
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    upstream = {"endpoint": server, "key": KEY}
    fleet = {"resources": {"a": {"upstream": upstream}, "b": {}}}
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(fleet), encoding="utf-8")
    monkeypatch.setenv("FLEET_PATH", str(path))
    monkeypatch.delenv("AZURE_OPENAI_ENDPOINT")
    for number, resource in enumerate(fleet["resources"], 1):
        exchange = chat()
        request = structs.replace(exchange.request, resource=resource)
        put(environment, structs.replace(exchange, request=request), number)
    assert main(["recordings", "check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "2 recordings checked, 2 drifted"
    of_a, of_b = (line for line in lines if line.endswith("/chat/completions)"))
    assert "(a POST /openai/deployments/gpt-4o/" in of_a
    assert lines[lines.index(of_b) + 1].strip() == "502: AZURE_OPENAI_ENDPOINT is not set."
    assert "    body.choices is new" in lines[lines.index(of_a) : lines.index(of_b)]


def test_a_generator_takes_a_deployment_of_any_name_for_the_recorded_model(
    environment: Path, server: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    deployments = environment.parent / "deployments.json"
    deployments.write_text('{"vectors": {"model": "text-embedding-3-small"}}', encoding="utf-8")
    resource = serve(deployments_path=str(deployments))
    url = serve(
        mode="record",
        upstream_endpoint=resource,
        upstream_key=KEY,
        recording_dir=str(environment),
    )
    with client_on("v1", url) as client:
        client.embeddings.create(model="vectors", input="Hello")
    assert main(["recordings", "check", "--against", "generate"]) == 0
    assert capsys.readouterr().out == "1 recordings checked, 0 drifted\n"


def test_limits_of_a_deployment_file_do_not_stop_a_generator(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployments = recorded.parent / "deployments.json"
    one_a_minute = {"model": "gpt-4o", "requestsPerMinute": 1}
    deployments.write_text(json.dumps({"gpt-4o": one_a_minute}), encoding="utf-8")
    monkeypatch.setenv("OPENAI_DEPLOYMENT_CONFIG_PATH", str(deployments))
    assert main(["recordings", "check", "--against", "generate"]) == 0
    assert capsys.readouterr().out == "3 recordings checked, 0 drifted\n"


def test_programs_can_read_the_report_as_json_and_junit(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(environment, chat(), 1)
    put(environment, chat(status=404), 2)
    assert main(["recordings", "check", "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["checked"], document["skipped"]) == (2, 0)
    assert document["drifted"][1]["differences"] == ["status: 404, now 200"]
    assert main(["recordings", "check", "--format", "junit"]) == 1
    suite = ET.fromstring(capsys.readouterr().out)  # noqa: S314 - our own document
    assert (suite.get("tests"), suite.get("failures")) == ("2", "2")
    assert suite.findtext("testcase/failure") is not None


def test_a_sample_is_taken_over_all(environment: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        put(environment, chat(), number)
    assert main(["recordings", "check", "--sample", "3", "--format", "json"]) == 1
    drifted = json.loads(capsys.readouterr().out)["drifted"]
    assert [one["recording"][-6] for one in drifted] == ["0", "2", "4"]


def test_what_is_about_one_item_or_broken_is_skipped(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(environment, chat(request=Request("GET", "/openai/v1/responses/resp_1")), 1)
    put(environment, chat(request=Request("DELETE", "/openai/v1/files/f")), 2)
    (environment / "v1/gpt-4o/chat-completions" / f"{3:032x}.json").write_text("{")
    assert main(["recordings", "check"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "0 recordings checked, 0 drifted, 3 skipped\n"
    assert "there is nothing to check" in printed.err


def test_a_resource_that_cannot_be_reached_is_drift_with_its_cause(
    environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(environment, chat(), 1)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "http://127.0.0.1:9")
    assert main(["recordings", "check"]) == 1
    assert "    502: " in capsys.readouterr().out


def test_without_a_resource_there_is_one_line(
    environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "")
    assert main(["recordings", "check"]) == 2
    assert "AZURE_OPENAI_ENDPOINT=''" in capsys.readouterr().err


def test_a_key_that_the_resource_refuses_is_one_line(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_KEY", "wrong")
    assert main(["recordings", "check"]) == 1
    said = capsys.readouterr()
    assert "checked" not in said.out
    assert "answers 401" in said.err
    assert "AZURE_OPENAI_KEY, or the identity, is to let in" in said.err
