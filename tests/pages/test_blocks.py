"""The Python of README and docs, run as it stands."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import azure.identity
import httpx2
import pytest
from azure.core.credentials import AccessToken
from pytest_httpserver import HTTPServer

from tests.conftest import KEY, Serve
from tests.docs.pages import PAGES, ROOT, blocks
from tests.support.entra_tenant import TENANT, EntraTenant, SigningKey

ELSEWHERE = {
    "clients.md": "shows scripts, which are run below",
    "testing.md": "shows tests, which test_testing_page.py runs",
    "extending.md": "shows an extension, which is loaded below",
}
SNIPPETS = [
    pytest.param(block.text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(blocks(page))
    if block.language == "python" and page.name not in ELSEWHERE
]


class Credential:
    """Whoever is signed in; the token is one of a tenant of our own."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(self._token, 2**31)


@pytest.fixture
def asked(
    httpserver: HTTPServer, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The address of a simulator that has what the snippets speak of."""
    tenant = EntraTenant(httpserver, SigningKey("one"))
    monkeypatch.setattr(
        azure.identity, "DefaultAzureCredential", lambda: Credential(tenant.token())
    )
    (tmp_path / "deployments.json").write_text(
        '{"chat": {"model": "gpt-4o", "tokensPerMinute": 1000}, "gpt-4o": {"model": "gpt-4o"}, '
        '"gpt-5-mini": {"model": "gpt-5-mini", "sku": "GlobalBatch"}}'
    )
    return serve(
        deployments_path=str(tmp_path / "deployments.json"),
        request_slice_seconds="1",
        batch_speed=0.0,
        entra_tenant=TENANT,
        entra_authority=tenant.authority,
    )


def run(text: str, **names: Any) -> dict[str, Any]:
    exec(text, names)  # noqa: S102 - our own pages
    return names


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_runs(snippet: str, asked: str) -> None:
    ours = re.sub(r"http://127\.0\.0\.1:\d+", asked, snippet)
    ours = re.sub("the key that make run printed|any-key-you-like", KEY, ours)
    client = run(ours, KEY=KEY)["client"]
    with client:
        # What a snippet only makes is used, too.
        assert client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hi"}], max_tokens=2
        ).choices


def test_the_extension_of_the_page_answers(serve: Serve, tmp_path: Path) -> None:
    (shown,) = (
        block.text for block in blocks(ROOT / "docs" / "extending.md") if block.language == "python"
    )
    (tmp_path / "mine.py").write_text(shown, encoding="utf-8")
    url = serve(extension_path=str(tmp_path / "mine.py"))
    answer = httpx2.get(f"{url}/greetings/Ann", headers={"api-key": KEY}, timeout=60)
    assert (answer.status_code, answer.text) == (200, "Hello Ann")


def environment(server: str) -> dict[str, str]:
    """What the page on clients exports, for this simulator."""
    (export,) = (
        block.text for block in blocks(ROOT / "docs" / "clients.md") if "export " in block.text
    )
    return {
        name: KEY if name.endswith("KEY") else value.replace("http://127.0.0.1:8000", server)
        for name, value in re.findall(r"(\w+)=(\S+)", export)
    }


@pytest.mark.parametrize("name", ["langchain", "openai_azure", "openai_v1"])
def test_a_script_of_the_page_on_clients_runs(
    name: str, server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those whose libraries are here; every night all of them (`make try-clients`)."""
    for variable, value in environment(server).items():
        monkeypatch.setenv(variable, value)
    names = run((ROOT / "examples" / "clients" / f"{name}.py").read_text(encoding="utf-8"))
    assert capsys.readouterr().out.split()
    if "client" in names:
        names["client"].close()


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node.js")
def test_the_script_for_node_runs(server: str) -> None:
    script = ROOT / "examples" / "clients" / "openai_node.mjs"
    ran = subprocess.run(  # noqa: S603 - our own example
        [str(shutil.which("node")), str(script)],
        env={**os.environ, **environment(server)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split()


def test_each_change_of_the_page_on_configuration_is_taken(serve: Serve) -> None:
    page = (ROOT / "docs" / "run-time-configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| `(\{.*\})` \|$", page, re.MULTILINE)
    assert len(rows) > 5
    with httpx2.Client(base_url=serve(), headers={"api-key": KEY}, timeout=60) as http:
        assert [http.patch("/++/config", content=row).status_code for row in rows] == [200] * len(
            rows
        )
