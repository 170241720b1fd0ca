"""Rules that an extension adds."""

from pathlib import Path

import msgspec
import pytest

from simulator.extensions.loading import ExtensionError
from simulator.messages import Request
from tests.conftest import KEY, MakeSimulator

EXTENSION = """
from simulator.extensions import Extensions


def initialize(extensions: Extensions) -> None:
    extensions.add_rule({RULE})
"""


def written(folder: Path, rule: str) -> str:
    path = folder / "rules_of_mine.py"
    path.write_text(EXTENSION.replace("{RULE}", rule))
    return str(path)


async def test_a_rule_of_an_extension_decides(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    path = written(tmp_path, '{"name": "mine", "reply": "from the extension"}')
    simulator = make_simulator(extension_path=path)
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    answer = await simulator(
        Request(
            "POST",
            "/openai/v1/chat/completions",
            "",
            {"api-key": KEY},
            msgspec.json.encode(body),
        )
    )
    assert answer.headers["x-simulator-rule"] == "mine"
    assert isinstance(answer.body, bytes)
    assert b"from the extension" in answer.body


def test_a_bad_rule_of_an_extension_stops_the_start(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    with pytest.raises(ExtensionError, match="Did you mean 'reply'"):
        make_simulator(extension_path=written(tmp_path, '{"rply": "x"}'))


def test_a_rule_of_an_extension_for_no_operation_stops_the_start(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    rule = '{"when": {"operation": "respones"}, "reply": "x"}'
    with pytest.raises(ExtensionError, match=r"'when\.operation'.*Did you mean 'responses'"):
        make_simulator(extension_path=written(tmp_path, rule))


OPERATION = """
from simulator.extensions import Answer, Extensions, Operation, Route


class Weather(Operation[None]):
    name = "weather"
    routes = (Route("POST", "openai/v1/weather"),)

    def parse(self, target):
        return None

    async def generate(self, call, tempo):
        return Answer.plain(b"{}")


def initialize(extensions: Extensions) -> None:
    extensions.add_operation(Weather)
    extensions.add_rule(
        {"when": {"operation": "weather"}, "fault": {"kind": "suspended"}}
    )
"""


async def test_a_rule_may_be_for_an_operation_of_an_extension(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    path = tmp_path / "weather_operation.py"
    path.write_text(OPERATION)
    simulator = make_simulator(extension_path=str(path))
    answer = await simulator(Request("POST", "/openai/v1/weather", "", {"api-key": KEY}, b"{}"))
    assert (answer.status, answer.headers["x-simulator-rule"]) == (403, "extension-rule-1")
