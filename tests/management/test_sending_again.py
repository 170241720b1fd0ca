"""`?as=curl` and `?as=python`: what they print is run, and sends the same request."""

import contextlib
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import API_VERSION, KEY, served

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
HEADERS = {"api-key": KEY}
ODD = 'it\'s "q" $(id) `x` \\ \n é 😀 @file'
DEPLOYED = {"gpt-4o": {"model": "gpt-4o"}, "sonnet": {"model": "claude-sonnet-4-5"}}
FLEET = {"resources": {"east": {"deployments": DEPLOYED}}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A host with a fleet, which keeps bodies."""
    fleet = tmp_path_factory.mktemp("fleet") / "fleet.json"
    fleet.write_text(json.dumps(FLEET))
    with served({"journal_bodies": True, "fleet_path": str(fleet)}) as address:
        yield address


def newest(url: str) -> dict[str, Any]:
    return httpx2.get(f"{url}/++/requests?limit=1", headers=HEADERS).json()["requests"][0]


def command(url: str, form: str) -> str:
    text = httpx2.get(f"{url}/++/requests/{newest(url)['id']}?as={form}", headers=HEADERS).text
    assert KEY not in text
    return text


def run(url: str, form: str, folder: Path) -> None:
    text = command(url, form)
    words = ["bash", "-c", text] if form == "curl" else [sys.executable, "-c", text]
    subprocess.run(  # noqa: S603 (what the simulator printed)
        words, env={"AZURE_OPENAI_API_KEY": KEY, "PATH": "/usr/bin:/bin"}, cwd=folder, check=True,
        capture_output=True,
    )  # fmt: skip


FORMS = pytest.mark.parametrize("form", ["curl", "python"])


@FORMS
def test_a_body_with_odd_letters_arrives_as_it_was(url: str, form: str, tmp_path: Path) -> None:
    body = json.dumps({"messages": [{"role": "user", "content": ODD}]}, ensure_ascii=False)
    path = f"/resources/east{CHAT}"
    assert httpx2.post(url + path, content=body.encode(), headers=HEADERS).status_code == 200
    before = newest(url)
    run(url, form, tmp_path)
    after = newest(url)
    assert after["id"] != before["id"]
    assert (after["request"], after["status"]) == (body, 200)


@FORMS
def test_a_request_without_a_body_is_sent_without_one(url: str, form: str, tmp_path: Path) -> None:
    httpx2.get(f"{url}/resources/east/openai/v1/models?api-key={KEY}", headers=HEADERS)
    before = newest(url)
    run(url, form, tmp_path)
    after = newest(url)
    assert (after["status"], after["operation"]) == (200, "models")
    assert after["id"] != before["id"]


@FORMS
def test_a_body_that_is_not_here_is_read_from_a_file(url: str, form: str, tmp_path: Path) -> None:
    long = json.dumps({"messages": [{"role": "user", "content": "word " * 5_000}]}).encode()
    httpx2.post(f"{url}/resources/east{CHAT}", content=long, headers=HEADERS)
    tokens = newest(url)["prompt_tokens"]
    assert "The body is read from the file 'body'" in command(url, form)
    (tmp_path / "body").write_bytes(long)
    run(url, form, tmp_path)
    assert newest(url)["prompt_tokens"] == tokens


def test_a_form_has_its_type_and_its_file(url: str, tmp_path: Path) -> None:
    path = f"/resources/east/openai/files?api-version={API_VERSION}"
    form = httpx2.Request(
        "POST", url + path, data={"purpose": "assistants"}, files={"file": ("a.bin", b"\x00\xff")}
    )
    body = form.read()
    with httpx2.Client(headers=HEADERS) as client:
        client.post(
            url + path, content=body, headers={"content-type": form.headers["content-type"]}
        )
    status = newest(url)["status"]
    (tmp_path / "body").write_bytes(body)
    run(url, "curl", tmp_path)
    assert newest(url)["status"] == status == 201


def test_a_resource_that_a_hosts_name_led_to_is_named_by_the_path(url: str, tmp_path: Path) -> None:
    host = {"host": "east.localhost", **HEADERS}
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    assert httpx2.post(url + CHAT, json=body, headers=host).status_code == 200
    run(url, "curl", tmp_path)
    assert newest(url)["resource"] == "east"
    words = shlex.split(command(url, "curl").replace("\\\n", " "))
    assert words[3] == f"{url}/resources/east{CHAT}"


@FORMS
def test_a_model_that_a_header_named_is_named_again(url: str, form: str, tmp_path: Path) -> None:
    path = "/resources/east/models/chat/completions?api-version=2024-05-01-preview"
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    named = {**HEADERS, "x-ms-model-mesh-model-name": "gpt-4o"}
    assert httpx2.post(url + path, json=body, headers=named).status_code == 200
    before = newest(url)
    run(url, form, tmp_path)
    after = newest(url)
    assert after["id"] != before["id"]
    assert (after["deployment"], after["status"]) == ("gpt-4o", 200)


def test_without_bodies_the_command_says_which_setting_keeps_them() -> None:
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(served({}))
        httpx2.post(url + CHAT, json={"messages": []}, headers=HEADERS)
        text = command(url, "curl")
    assert text.startswith("# The body is read from the file 'body': JOURNAL_BODIES=true")
    assert text.rstrip().endswith("--data-binary @body")


def test_bodies_are_left_out_where_a_parameter_says_so(url: str) -> None:
    httpx2.post(f"{url}/resources/east{CHAT}", json={"messages": []}, headers=HEADERS)
    listed = httpx2.get(f"{url}/++/requests?bodies=false&limit=1", headers=HEADERS).json()
    assert {"request", "response"}.isdisjoint(listed["requests"][0])
    assert {"request", "response"} <= set(newest(url))
    refused = httpx2.get(f"{url}/++/requests?bodies=no", headers=HEADERS)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "bodies")


@FORMS
def test_claude_is_sent_its_version(url: str, form: str, tmp_path: Path) -> None:
    said = {"model": "sonnet", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {**HEADERS, "anthropic-version": "2023-06-01"}
    path = f"{url}/resources/east/anthropic/v1/messages"
    assert httpx2.post(path, json=said, headers=headers).status_code == 200
    before = newest(url)
    run(url, form, tmp_path)
    again = newest(url)
    assert again["id"] != before["id"]
    assert again["status"] == 200
