"""The test client against a live server, as `make test-client` starts it."""

import subprocess
import sys
from pathlib import Path

import pytest

from testclient.__main__ import main
from testclient.trials import MODES
from tests.conftest import KEY, Serve

ROOT = Path(__file__).parents[2]


def environment(server: str, **more: str) -> dict[str, str]:
    return {"TEST_OPENAI_ENDPOINT": server, "TEST_OPENAI_KEY": KEY, **more}


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_shows_answer_status_and_latency(
    mode: str, serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([mode], environment(serve())) == 0
    asked, answer, *told = capsys.readouterr().out.split("\n\n")
    assert asked.startswith(f"{mode} with ")
    assert answer.strip()
    assert "status   200\nlatency  " in told[-1]


@pytest.mark.parametrize("mode", ["chat", "stream", "completion", "embedding", "responses"])
def test_the_usage_is_shown(mode: str, server: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([mode], environment(server)) == 0
    assert '"total_tokens":' in capsys.readouterr().out


def test_what_the_limits_left_is_shown(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    main(["chat", "--deployment", "gpt-35-turbo-10k-token"], environment(serve()))
    assert "x-ratelimit-remaining-requests: 59\n" in capsys.readouterr().out


def test_a_refusal_is_one_line_with_when_to_come_back(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    target = environment(serve(), TEST_OPENAI_DEPLOYMENT="gpt-35-turbo-1k-token")
    assert [main(["chat"], target), main(["chat"], target)] == [0, 1]
    told = capsys.readouterr().err
    assert told.startswith("test-client: status 429: ")
    assert told.endswith(" s)\n")
    assert told.count("\n") == 1


def test_a_named_prompt_is_asked(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["completion", "--prompt", "Long ago"], environment(server))
    assert ": Long ago\n" in capsys.readouterr().out


def test_nobody_at_the_address_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat"], environment("http://127.0.0.1:9")) == 1
    told = capsys.readouterr().err
    assert told == "test-client: http://127.0.0.1:9 cannot be reached; is it running?\n"


def chatbot(server: str, said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "testclient", "chatbot"],
        check=False,
        cwd=ROOT,
        env=environment(server),
        input=said,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("end", ["", "exit\nnever asked\n"])
def test_a_piped_conversation_is_answered_until_it_ends(end: str, server: str) -> None:
    talk = chatbot(server, "What is Azure?\n\nAnd what else?\n" + end)
    assert (talk.returncode, talk.stderr) == (0, "")
    assert talk.stdout.count('"total_tokens":') == 2
