from pathlib import Path

import httpx2
import pytest

from simulator.__main__ import main
from simulator.hosting.certificate import self_signed
from simulator.hosting.triggers import Triggers
from tests.conftest import API_VERSION, KEY, Serve, running

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


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9 cannot be reached; is it running?"),
        ("127.0.0.1:9", "'127.0.0.1:9' is no address that begins with http:// or https://"),
    ],
)
def test_a_simulator_that_is_not_there_is_one_line(
    url: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verdict", url, "--key", KEY]) == 1
    assert capsys.readouterr().err == f"simulator: {said}\n"


def test_a_certificate_that_is_not_trusted_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(Triggers((), ()), certificate=self_signed(tmp_path / "data")) as url:
        assert main(["verdict", url.replace("http:", "https:"), "--key", KEY]) == 1
    assert "REQUESTS_CA_BUNDLE names the certificate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("wrong", "answers 401: its key is another one; name it by --key or SIMULATOR_API_KEY"),
        ("schlüssel ☃", "answers 401"),
        ("two\nlines", "the key has characters that no header can have"),
    ],
)
def test_a_wrong_key_is_one_line(
    serve: Serve, key: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verdict", serve(), "--key", key]) == 1
    assert said in capsys.readouterr().err


def test_a_wrong_moment_is_one_line(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verdict", serve(), "--key", KEY, "--since", "noon"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "answers 400: Invalid value for 'since': expected seconds" in line


def test_another_server_is_one_line(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    """`/` answers JSON that is no verdict, to whatever comes after a `?`."""
    assert main(["verdict", f"{serve()}/?x=", "--key", KEY]) == 1
    assert "is no simulator" in capsys.readouterr().err
