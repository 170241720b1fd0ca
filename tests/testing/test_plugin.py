"""The pytest plugin, used by the example project and by tests that are written here."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin, and without the many that this environment has."""
    plugins = ["-p", "simulator.testing.plugin", "-p", "no:cacheprovider"]
    return subprocess.run(  # noqa: S603 - pytest, on our own tests
        [sys.executable, "-m", "pytest", "-q", *plugins, *arguments, str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_project_passes_on_several_processes() -> None:
    folder = ROOT / "examples" / "pytest_app"
    done = run(folder, "-p", "xdist.plugin", "-n", "2", "--rootdir", str(folder), "-c", os.devnull)
    assert done.returncode == 0, done.stdout


LOGGED = """
import urllib.request, pytest

def test_it(aoai):
    with pytest.raises(Exception):
        urllib.request.urlopen(aoai.endpoint + '/nowhere')
    assert False
"""
AS_NEW = """
import pytest
from openai import AzureOpenAI

@pytest.mark.parametrize('turn', range(2))
def test_it(aoai, turn):
    assert aoai.requests == []
    aoai.limits('gpt-4o', requests_per_minute=1)
    client = AzureOpenAI(max_retries=0)
    client.embeddings.create(model='embedding', input='a')
    messages = [{'role': 'user', 'content': 'Hi'}]
    client.chat.completions.create(model='gpt-4o', max_tokens=1, messages=messages)
    assert len(aoai.requests) == 2
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest shows of both files; one run has one server."""
    project = tmp_path_factory.mktemp("project")
    (project / "pytest.ini").write_text("[pytest]\n")
    (project / "test_logged.py").write_text(LOGGED)
    (project / "test_as_new.py").write_text(AS_NEW)
    return run(project).stdout


def test_a_failing_test_shows_the_servers_log(shown: str) -> None:
    assert "FAILED" in shown
    assert "simulator log (call)" in shown
    assert '"status":401' in shown


def test_each_test_finds_the_server_as_new(shown: str) -> None:
    assert "1 failed, 2 passed" in shown, shown
