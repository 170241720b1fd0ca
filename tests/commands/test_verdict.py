import httpx2
import pytest

from simulator.__main__ import main
from tests.conftest import API_VERSION, KEY, Serve

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"


def test_a_clean_client_is_said_to_be_clean(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verdict", serve(), "--key", KEY, "--fail-on", "warning"]) == 0
    assert capsys.readouterr().out == "clean: 0 requests, 0 findings\n"


@pytest.mark.parametrize(("limit", "code"), [([], 0), (["--fail-on", "error"], 1)])
def test_the_exit_code_follows_the_worst_finding(
    serve: Serve, limit: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    url = serve()
    for _ in range(2):
        httpx2.post(url + CHAT, json={}, headers={"api-key": KEY})
    assert main(["verdict", url, "--key", KEY, *limit]) == code
    assert "retried_non_retryable" in capsys.readouterr().out


def test_a_simulator_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verdict", "http://127.0.0.1:9", "--key", KEY]) == 1
    assert "cannot be reached" in capsys.readouterr().err


def test_a_wrong_key_is_one_line(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verdict", serve(), "--key", "wrong"]) == 1
    assert "answers 401" in capsys.readouterr().err
