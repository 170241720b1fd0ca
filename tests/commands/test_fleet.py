"""The command that checks a fleet file, and the start with one."""

import json
import socket
import ssl
from pathlib import Path

import pytest

from simulator.__main__ import main
from tests.conftest import KEY
from tests.docs.pages import ROOT, blocks
from tests.fleet.conftest import TWO_REGIONS
from tests.support.command_line import address, greeted

PAGE = ROOT / "docs" / "fleet.md"


def test_the_table_is_that_of_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, table = (
        next(block.text for block in blocks(PAGE) if block.language == language)
        for language in ("json", "text")
    )
    path = tmp_path / "fleet.json"
    path.write_text(file, encoding="utf-8")
    assert main(["fleet", "check", str(path)]) == 0
    assert capsys.readouterr().out == table


def test_what_repeats_and_what_takes_its_time_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = [{"name": name, "reply": "x"} for name in "abcde"]
    fleet = {
        "resources": {
            "one": {"region": "R", "deployments": {"chat": {"model": "gpt-4.1"}}, "rules": rules},
            "two": {},
        },
        "quotas": {"q": {"region": "R", "model": "gpt-4.1", "tokensPerMinute": 10}},
        "timeline": [
            {"at": 90.5, "quotas": {"q": {"tokensPerMinute": 5}}, "over": 10},
            {"at": 0, "resource": ["one", "two"], "rules": rules, "repeat": 60},
            {"at": 3600, "resource": "one", "deployments": {"chat": None}, "rules": None},
            {"at": 3700, "resource": "one", "deployments": None, "quotas": None},
            {
                "at": 3800,
                "resource": "one",
                "deployments": {"chat": {"latency": {"token_ms": {"p50": 7, "p95": 9}}}},
                "repeat": {"every": 5, "times": 2},
            },
        ],
    }
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(fleet), encoding="utf-8")
    assert main(["fleet", "check", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "resource  region                    deployments",
        "one       R                         chat",
        "two       that of SIMULATOR_REGION  those of the start",
        "",
        "quota  subscription  region  model    tokens per minute",
        "q      default       R       gpt-4.1  10",
        "",
        "at         resource  what changes                                      over  again",
        "0:00:00    one       rules: a, b, c and 2 more                               every 60 s",
        "0:00:00    two       rules: a, b, c and 2 more                               every 60 s",
        "0:01:30.5            quotas: q 5 tokens per minute                     10 s",
        "1:00:00    one       chat: removed; rules as in the file",
        "1:01:40    one       deployments as in the file",
        "1:01:40              quotas: as in the file",
        '1:03:20    one       chat: latency {"token_ms": {"p50": 7, "p95": 9}}        every 5 s, 2 times',
        "it repeats without an end",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"resources": {"a": {"regoin": 1}}}', "resource 'a': no such member 'regoin'; did you"),
        (None, "No such file or directory"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, problem: str
) -> None:
    path = tmp_path / "fleet.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["fleet", "check", str(path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"simulator: {path}: {problem}")


def test_the_start_serves_a_fleet_over_tls_for_the_names_of_its_resources(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text(json.dumps(TWO_REGIONS), encoding="utf-8")
    data = {"XDG_DATA_HOME": str(tmp_path)}
    with greeted("--fast", "--tls", "--fleet", str(path), until="fleet:", **data) as greeting:
        assert greeting[-1].startswith(f"fleet: 2 resources of {path} (swedencentral, eastus2)")
        port = int(address(greeting).rpartition(":")[2])
        trusted = tmp_path / "azure-openai-simulator/trusted.pem"
        context = ssl.create_default_context(cafile=str(trusted))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="eastus2.localhost") as tls,
        ):
            tls.sendall(
                b"GET /openai/v1/models HTTP/1.1\r\nhost: eastus2.localhost\r\n"
                b"api-key: " + KEY.encode() + b"\r\nconnection: close\r\n\r\n"
            )
            answer = b"".join(iter(lambda: tls.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"x-ms-region: East US 2\r\n" in answer
