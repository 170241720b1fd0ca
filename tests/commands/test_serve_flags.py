"""The flags of the command that serves, in processes of their own."""

import json
import ssl
from pathlib import Path

import httpx2
import openai
import pytest
import trustme

from simulator.__main__ import main
from simulator.commands.greeting import lines
from simulator.configuration.settings import Settings
from simulator.storage.connection import StorageConnection
from tests.conftest import API_VERSION, KEY
from tests.support.command_line import address, greeted


def client(endpoint: str, http: httpx2.Client | None = None) -> openai.AzureOpenAI:
    return openai.AzureOpenAI(
        azure_endpoint=endpoint,
        api_key=KEY,
        api_version=API_VERSION,
        max_retries=0,
        http_client=http,
    )


def test_fast_has_neither_latency_nor_limits_and_rules_of_a_file_are_answered(
    tmp_path: Path,
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"rules": [{"when": {"contains": "sky"}, "reply": "It is blue."}]}))
    slow = {"LATENCY_OPENAI_TIME_TO_FIRST_TOKEN_MEAN": "60000"}
    with greeted("--fast", "--rules", str(path), until="rules:", **slow) as greeting:
        assert greeting[-1] == f"rules: those of {path}"
        assert "latency: none" in greeting
        deployments = next(line for line in greeting if line.startswith("deployments:"))
        assert " by default, 0 with limits; other names are served" in deployments
        with client(address(greeting)) as openai_client:
            for _ in range(8):
                openai_client.chat.completions.create(
                    model="gpt-35-turbo-1k-token",
                    messages=[{"role": "user", "content": "What is Azure?"}],
                    max_tokens=400,
                )
            assert ask(openai_client, "Which colour has the sky?") == "It is blue."


def test_what_is_recorded_from_an_address_is_replayed_from_the_folder(
    server: str, tmp_path: Path
) -> None:
    folder = str(tmp_path / "recordings")
    record = ("--record", f"{server}/openai/v1/")
    with (
        greeted(*record, RECORDING_DIR=folder, AZURE_OPENAI_KEY=KEY) as greeting,
        client(address(greeting)) as recording,
    ):
        answer = ask(recording)
    storage = {"RecordingStorage": "UseDevelopmentStorage=true"}
    with greeted("--replay", folder, until="recordings:", **storage) as greeting:
        assert f"recordings: 1 in the folder {folder}" in greeting
        with client(address(greeting)) as replaying:
            assert ask(replaying) == answer


def ask(openai_client: openai.AzureOpenAI, question: str = "What is Azure?") -> str | None:
    answer = openai_client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": question}], max_tokens=5
    )
    return answer.choices[0].message.content


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Where a user's data are, on each system."""
    names = ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA", "USERPROFILE")
    return dict.fromkeys(names, str(tmp_path / "home"))


def test_tls_is_trusted_by_clients_with_the_printed_variables(home: dict[str, str]) -> None:
    with greeted("--tls", "--fast", **home) as greeting:
        printed = dict(line.split("=", 1) for line in greeting if "=" in line)
        endpoint = address(greeting)
        assert endpoint.startswith("https://")
        context = ssl.create_default_context(cafile=printed["SSL_CERT_FILE"])
        with httpx2.Client(verify=context) as http, client(endpoint, http) as openai_client:
            assert ask(openai_client)
            localhost = endpoint.replace("127.0.0.1", "localhost")
            picture = http.post(
                f"{localhost}/openai/deployments/dall-e-3/images/generations?api-version={API_VERSION}",
                headers={"api-key": KEY},
                json={"prompt": "a cat"},
                timeout=30,
            ).json()["data"][0]["url"]
            assert picture.startswith(localhost)
        assert printed["REQUESTS_CA_BUNDLE"] == printed["SSL_CERT_FILE"]


def test_a_certificate_of_ones_own_is_served_and_the_start_names_deployments_and_latency(
    tmp_path: Path,
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    files = ("--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"))
    path = tmp_path / "deployments.json"
    limited = {"model": "gpt-4o", "tokensPerMinute": 1000}
    path.write_text(json.dumps({"a": limited, "b": {"model": "gpt-4o"}}))
    with greeted(*files, OPENAI_DEPLOYMENT_CONFIG_PATH=str(path)) as greeting:
        assert f"deployments: 2 of {path}, 1 with limits" in greeting
        assert "latency: default" in greeting
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        assert httpx2.get(f"{address(greeting)}/++/health", verify=context).status_code == 200


def test_a_certificate_without_its_key_is_a_wrong_argument(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--cert", "cert.pem"])
    assert stopped.value.code == 2
    assert "--cert and --key go together" in capsys.readouterr().err


def test_a_certificate_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--cert", "no.pem", "--key", "no.key"]) == 1
    assert capsys.readouterr().err == "simulator: --cert no.pem: No such file or directory\n"


def test_files_that_are_no_certificate_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "any.pem").write_text("no certificate")
    files = ("--cert", str(tmp_path / "any.pem"), "--key", str(tmp_path / "any.pem"))
    assert main(files) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "not a certificate and its private key in PEM format" in line
    assert "_ssl.c" not in line


@pytest.mark.parametrize("path", ["", "/", "/openai/v1/"])
def test_recording_from_itself_stops_the_start(
    path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.delenv("SIMULATOR_MODE", raising=False)
    monkeypatch.delenv("AZURE_OPENAI_ENDPOINT", raising=False)
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "")
    monkeypatch.setenv("SIMULATOR_MODE", "")
    url = f"http://localhost:{unused_port}{path}"
    assert main(["--port", str(unused_port), "--record", url]) == 2
    assert "AZURE_OPENAI_ENDPOINT=" in capsys.readouterr().err


@pytest.fixture
def unused_port() -> int:
    from tests.support.azurite import free_port

    return free_port()


@pytest.mark.parametrize("argument", ["--help", "-h"])
def test_the_help_page_says_what_to_type(argument: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([argument])
    assert stopped.value.code == 0
    page = capsys.readouterr().out
    assert "Without a command it serves" in page
    for word in ("--fast", "--tls", "--record", "--replay", "--port", "recordings", "import"):
        assert word in page


def test_replay_with_nothing_to_replay_says_so(tmp_path: Path) -> None:
    with greeted("--replay", str(tmp_path / "none"), until="warning:") as greeting:
        assert greeting[-1].startswith("warning: there is nothing to replay")


def greeting_of(settings: Settings) -> list[str]:
    return list(lines(settings, {}))


def test_a_store_that_does_not_answer_is_a_warning_in_every_mode(unused_port: int) -> None:
    endpoint = f"http://127.0.0.1:{unused_port}/devstoreaccount1"
    text = f"AccountName=devstoreaccount1;AccountKey=a2V5;BlobEndpoint={endpoint}"
    warning = "warning: Azurite does not answer; is it running? (make azurite)"
    for mode in ("generate", "replay"):
        assert greeting_of(Settings(mode=mode, storage=StorageConnection(text)))[-1] == warning


def test_a_store_that_is_too_slow_is_named(
    unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.commands.greeting._PATIENCE", 0.0)
    text = f"AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:{unused_port}/a"
    settings = Settings(storage=StorageConnection(text))
    assert greeting_of(settings)[-1].endswith("does not answer within 0 s")


def test_a_redis_that_does_not_answer_is_a_warning_without_its_password(unused_port: int) -> None:
    url = f"redis://:the-password@127.0.0.1:{unused_port}/0"
    (warning,) = [line for line in greeting_of(Settings(redis_url=url)) if "warning" in line]
    assert f"RATE_LIMIT_REDIS_URL: 127.0.0.1:{unused_port} does not answer" in warning
    assert "password" not in warning


def test_a_deployment_file_without_deployments_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "deployments.json"
    path.write_text("{}")
    settings = Settings(deployments_path=str(path), allow_undefined_deployments=False)
    assert greeting_of(settings)[-1] == (
        f"warning: {path} defines no deployment, so every request is a 404"
    )
