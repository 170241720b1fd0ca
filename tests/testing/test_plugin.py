"""The pytest plugin, used by the example project and by tests that are written here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    plugins = ["-p", "simulator.testing.plugin", "-p", "no:locust", "-p", "no:cacheprovider"]
    return subprocess.run(  # noqa: S603 - pytest, on our own tests
        [sys.executable, "-m", "pytest", "-q", *plugins, *arguments, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_project_passes_on_several_processes() -> None:
    folder = ROOT / "examples" / "pytest_app"
    done = run(folder, "-n", "2", "--rootdir", str(folder))
    assert done.returncode == 0, done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_a_failing_test_shows_the_servers_log(project: Path) -> None:
    (project / "test_it.py").write_text(
        "import urllib.request, pytest\n"
        "def test_it(aoai):\n"
        "    with pytest.raises(Exception):\n"
        "        urllib.request.urlopen(aoai.endpoint + '/nowhere')\n"
        "    assert False\n"
    )
    done = run(project)
    assert done.returncode == 1
    assert "simulator log (call)" in done.stdout
    assert '"status":401' in done.stdout


def test_each_test_finds_the_server_as_new(project: Path) -> None:
    (project / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('turn', range(2))\n"
        "def test_it(aoai, turn):\n"
        "    assert aoai.requests == []\n"
        "    aoai.limits('gpt-4o', requests_per_minute=1)\n"
        "    from openai import AzureOpenAI\n"
        "    client = AzureOpenAI(max_retries=0)\n"
        "    client.embeddings.create(model='embedding', input='a')\n"
        "    client.chat.completions.create(model='gpt-4o', max_tokens=1,\n"
        "        messages=[{'role': 'user', 'content': 'Hi'}])\n"
        "    assert len(aoai.requests) == 2\n"
    )
    done = run(project)
    assert done.returncode == 0, done.stdout
