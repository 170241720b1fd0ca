"""The wheel, built from this checkout and installed into an environment that has nothing of it."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import openai
import pytest

from tests.conftest import API_VERSION, KEY

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("script", ["aoai-simulator", "azure-openai-simulator"])
def test_the_installed_script_serves_a_chat_answer(
    environment: Path, script: str, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"SIMULATOR_API_KEY={KEY}\n")
    (tmp_path / "mine.py").write_text("def initialize(extensions):\n    pass\n")
    variables = {**os.environ, "EXTENSION_PATH": "mine.py"}
    variables.pop("SIMULATOR_API_KEY", None)
    with subprocess.Popen(  # noqa: S603 - our own program
        [environment / "bin" / script, "--port", "0", "--fast"],
        cwd=tmp_path,
        env=variables,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            endpoint = process.stdout.readline().strip().rpartition(" ")[2]
            with openai.AzureOpenAI(
                azure_endpoint=endpoint, api_key=KEY, api_version=API_VERSION, max_retries=0
            ) as client:
                answer = client.chat.completions.create(
                    model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], max_tokens=5
                )
            assert answer.choices[0].message.content
        finally:
            process.terminate()


def test_the_installed_help_names_the_script(environment: Path, tmp_path: Path) -> None:
    page = subprocess.run(  # noqa: S603 - our own program
        [environment / "bin" / "aoai-simulator", "--help"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "\n  aoai-simulator --fast " in page


def test_the_wheel_holds_what_the_package_reads(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    package = ROOT / "simulator"
    files = {
        file.relative_to(ROOT).as_posix()
        for file in package.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert "simulator/py.typed" in files
    app = {"simulator/hosting/app/function_app.py", "simulator/hosting/app/host.json"}
    assert {*files, *app} <= held
    assert {name.partition("/")[0].partition("-")[0] for name in held} == {
        "simulator",
        "azure_openai_simulator",
    }


def test_a_wheel_can_be_built_from_the_source_distribution(
    distributions: Path, tmp_path: Path
) -> None:
    (source,) = distributions.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - our own files
    assert list(tmp_path.glob("*.whl"))


def test_each_library_that_is_pinned_is_asked_for_by_the_wheel() -> None:
    import tomllib

    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["telemetry"]]
    asked = {Requirement(line).name.lower(): Requirement(line).specifier for line in lines}
    pinned = [
        Requirement(line)
        for line in (ROOT / "requirements.in").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    # The worker is Azure's own part.
    wanted = {pin.name.lower(): pin for pin in pinned if pin.name != "azure-functions-runtime"}
    assert asked.keys() == wanted.keys()
    for name, pin in wanted.items():
        assert asked[name].contains(str(pin.specifier).removeprefix("=="), prereleases=True), name
