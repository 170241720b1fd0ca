"""The blocks of the page on testing, run as they stand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import KEY

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")


def block(language: str, word: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return next(text for text in blocks if word in text)


def run(command: list[str], folder: Path, **environment: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own page
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


APP = """
import pytest, types
from openai import AzureOpenAI

def ask(question):
    with AzureOpenAI() as client:
        answer = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": question}], temperature=0
        )
    return answer.choices[0].message.content

@pytest.fixture
def app():
    return types.SimpleNamespace(ask=ask)
"""


def test_the_test_for_pytest_passes_where_the_wheel_is_installed(
    environment: Path, tmp_path: Path
) -> None:
    # The plugins of other packages take seconds to load.
    others = " ".join(f"-p no:{name}" for name in ("locust", "schemathesis", "hypothesispytest"))
    (tmp_path / "pytest.ini").write_text(f"[pytest]\naddopts = {others}\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text(APP, encoding="utf-8")
    (tmp_path / "test_app.py").write_text(block("python", "aoai.when"), encoding="utf-8")
    run([str(environment / "bin" / "python"), "-m", "pytest", "-q"], tmp_path)


def test_the_unittest_runs(tmp_path: Path) -> None:
    (tmp_path / "test_answers.py").write_text(block("python", "unittest"), encoding="utf-8")
    run([sys.executable, "-m", "unittest", "-q"], tmp_path, PYTHONPATH=str(ROOT))


def test_the_test_for_node_runs(server: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js")
    # Beside the modules that it imports.
    script = ROOT / "node_modules" / f"testing-page-{os.getpid()}.test.mjs"
    script.write_text(block("js", "node:test"), encoding="utf-8")
    try:
        run(
            [node, "--test", str(script)],
            ROOT,
            AZURE_OPENAI_ENDPOINT=server,
            AZURE_OPENAI_API_KEY=KEY,
        )
    finally:
        script.unlink()
