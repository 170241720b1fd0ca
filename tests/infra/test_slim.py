"""The commands of the image for development, one after another in an empty folder.

Three things differ from a build: files come from the project instead of a build context, pip may not
reach a registry (this environment has all libraries already), and the port is a free one.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import openai
import pytest

from tests.conftest import API_VERSION, KEY

ROOT = Path(__file__).parents[2]
START_WITHIN = 30.0
"""Seconds; a loaded machine is slow."""


class Instruction(NamedTuple):
    name: str
    arguments: str


def stage(name: str) -> list[Instruction]:
    """The instructions of a stage of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found
    lines = [line.split(maxsplit=1) for line in found[1].splitlines() if line.strip()]
    return [Instruction(name, arguments) for name, arguments in lines]


SLIM = stage("slim")


def arguments(name: str) -> list[str]:
    (text,) = (item.arguments for item in SLIM if item.name == name)
    command = json.loads(text[text.index("[") :])
    return [sys.executable if word == "python" else word for word in command]


def copy(files: str, folder: Path) -> None:
    *sources, target = shlex.split(files)
    for source in sources:
        if (ROOT / source).is_dir():
            caches = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, folder / target, ignore=caches)
        else:
            shutil.copy(ROOT / source, folder / target)


def run(line: str, folder: Path) -> None:
    command = re.sub(r"--mount=\S+ ", "", line).replace("${PIP_OPTIONS}", "")
    words = [sys.executable if word == "python" else word for word in shlex.split(command)]
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)  # noqa: S603 - our own Dockerfile


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the slim stage fills."""
    folder = tmp_path_factory.mktemp("image")
    for instruction in SLIM:
        if instruction.name == "COPY":
            copy(instruction.arguments, folder)
        elif instruction.name == "RUN":
            run(instruction.arguments, folder)
    return folder


@pytest.fixture(scope="module")
def port(image: Path) -> Iterator[int]:
    """Where the image's own command serves."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(port) if word == "8000" else word for word in arguments("CMD")]
    command[command.index("0.0.0.0")] = "127.0.0.1"  # noqa: S104 - replaced: nobody else may reach a test
    latency = "LATENCY_OPENAI_CHAT_COMPLETIONS"
    environment = {"SIMULATOR_API_KEY": KEY, f"{latency}_MEAN": "0", f"{latency}_STD_DEV": "0"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=image, env=environment, stdout=quiet) as process:  # noqa: S603 - as above
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + START_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


def test_the_image_answers_a_chat(port: int) -> None:
    with openai.AzureOpenAI(
        azure_endpoint=f"http://127.0.0.1:{port}", api_key=KEY, api_version=API_VERSION
    ) as client:
        answer = client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "Hello"}], max_tokens=5
        )
    assert answer.choices[0].message.content


def test_the_image_knows_whether_it_is_healthy(port: int) -> None:
    command = [word.replace(":8000/", f":{port}/") for word in arguments("HEALTHCHECK")]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own Dockerfile


def test_the_image_serves_to_all_its_network_as_nobody() -> None:
    assert "0.0.0.0" in arguments("CMD")  # noqa: S104 - a container's own network
    assert Instruction("USER", "65534") in SLIM


def test_anybody_may_write_recordings_into_the_image(image: Path) -> None:
    assert (image / ".recording").stat().st_mode & 0o1777 == 0o1777


def test_both_images_hold_the_same_app() -> None:
    copied = [item for item in SLIM if item.name == "COPY"]
    assert copied == [item for item in stage("functions") if item.name == "COPY"]
