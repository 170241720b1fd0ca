import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import azure.functions as func
import httpx2
import pytest

from simulator.__main__ import main, run
from tests.conftest import API_VERSION, KEY, NO_LATENCY
from tests.support.command_line import address, started

CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
BODY = b'{"messages":[{"role":"user","content":"Hi"}],"max_tokens":4}'
STREAM = BODY.replace(b"}],", b'}],"stream":true,')
LASTING_EXTENSION = """
import threading, time

def last():
    threading.main_thread().join()
    print("the main thread has ended", flush=True)
    time.sleep(60)

def initialize(extensions):
    threading.Thread(target=last).start()
"""
PATIENCE = 30
"""Seconds that a program of its own may take to answer on a busy machine."""
SERVE = (["--port", "0"], ["serve", "--port", "0", "--host", "127.0.0.1"])


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Serving in this process sets handlers that end with it."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@contextmanager
def greeted(*arguments: str, **settings: str) -> Generator[tuple[subprocess.Popen[str], list[str]]]:
    """A process without latency, and the two lines of its greeting."""
    latency = {f"LATENCY_OPENAI_{figure}".upper(): "0" for figure in NO_LATENCY}
    with started(*arguments, until="api-key:", **{**latency, **settings}) as running:
        yield running


@pytest.mark.parametrize("arguments", SERVE)
def test_serve_is_the_default_and_says_where_it_listens_in_which_mode_but_not_the_key(
    arguments: list[str],
) -> None:
    with greeted(*arguments, SIMULATOR_API_KEY=KEY) as (process, greeting):
        mode, key = greeting
        assert mode.startswith("Azure OpenAI API Simulator, mode generate: http://127.0.0.1:")
        assert key == "api-key: the one in SIMULATOR_API_KEY"
        assert process.stdout is not None
        assert process.stdout.readline() == f"console: {address(greeting)}/\n"
        assert httpx2.get(address(greeting), timeout=PATIENCE).status_code == 200


def test_without_a_key_one_is_made_and_shown_alone_and_in_the_link_of_the_console() -> None:
    with greeted("--port", "0", SIMULATOR_API_KEY="") as (process, greeting):
        key = greeting[1].split()[1]
        url, headers = address(greeting) + CHAT, {"api-key": key}
        answer = httpx2.post(url, headers=headers, content=BODY, timeout=PATIENCE)
        process.terminate()
        output, errors = process.communicate()
    # The line of the request may come before that of the console.
    link = f"console: {address(greeting)}/#key={key}\n"
    assert link in output
    assert (answer.status_code, key in output.replace(link, "") + errors) == (200, False)


def test_without_a_console_there_is_no_link() -> None:
    with greeted("--port", "0", SIMULATOR_API_KEY=KEY, CONSOLE="false") as (process, _):
        assert process.stdout is not None
        assert not process.stdout.readline().startswith("console")


def test_open_opens_the_console_in_the_browser(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    with greeted("--port", "0", "--open", SIMULATOR_API_KEY=KEY, BROWSER=f"{browser} %s") as (
        process,
        greeting,
    ):
        for _ in range(PATIENCE * 100):
            if opened.exists():
                break
            time.sleep(0.01)
        assert opened.read_text() == f"{address(greeting)}/"
        process.kill()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_a_stream_under_way_finish_and_ends_with_0(stop: signal.Signals) -> None:
    with (
        greeted("--port", "0", SIMULATOR_API_KEY=KEY, LATENCY_OPENAI_INTER_TOKEN_MEAN="100") as (
            process,
            greeting,
        ),
        httpx2.stream(
            "POST",
            address(greeting) + CHAT,
            headers={"api-key": KEY},
            content=STREAM,
            timeout=PATIENCE,
        ) as answer,
    ):
        pieces = answer.iter_raw()
        first = next(pieces)
        process.send_signal(stop)
        assert (first + b"".join(pieces)).endswith(b"data: [DONE]\n\n")
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_in_the_last_moments_is_no_traceback(stop: signal.Signals, tmp_path: Path) -> None:
    extension = tmp_path / "lasting.py"
    extension.write_text(LASTING_EXTENSION)
    with greeted("--port", "0", SIMULATOR_API_KEY=KEY, EXTENSION_PATH=str(extension)) as (
        process,
        greeting,
    ):
        assert httpx2.get(address(greeting), timeout=PATIENCE).status_code == 200
        process.send_signal(stop)
        assert process.stdout is not None
        assert any("the main thread has ended" in line for line in process.stdout)
        process.send_signal(stop)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (-stop, "")


def test_a_command_that_is_interrupted_ends_with_130_and_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.__main__.main", interrupted)
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 130


def test_a_pipe_that_nobody_reads_holds_neither_requests_nor_the_end() -> None:
    with greeted("--port", "0", SIMULATOR_API_KEY=KEY) as (process, greeting):
        assert process.stdout is not None
        room = fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        with httpx2.Client(base_url=address(greeting), timeout=PATIENCE) as client:
            for _ in range(room // 100):  # a line has more than 100 characters
                assert client.get("/").status_code == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0


def test_serving_makes_a_key_and_ends_with_0_when_it_is_stopped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_API_KEY", "")

    # What ends a process that hangs would end that of the tests, half a minute later.
    def goes_on(code: int) -> None:
        del code

    monkeypatch.setattr("os._exit", goes_on)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def stop() -> None:
        transport = httpx2.HTTPTransport(retries=10)
        with httpx2.Client(transport=transport, timeout=PATIENCE) as client:
            client.get(f"http://127.0.0.1:{port}/")
        os.kill(os.getpid(), signal.SIGTERM)

    with ThreadPoolExecutor() as threads:
        threads.submit(stop)
        assert main(["--port", str(port)]) == 0
    assert f"api-key: {os.environ['SIMULATOR_API_KEY']} (made" in capsys.readouterr().out


def test_a_bad_deployment_file_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "deployments.json"
    path.write_text('{"chat": {"model": "gpt-nought"}}')
    with greeted("--port", "0", OPENAI_DEPLOYMENT_CONFIG_PATH=str(path)) as (process, _):
        assert process.stderr is not None
        (line,) = process.stderr.readlines()
        assert (process.wait(10), "gpt-nought" in line) == (2, True)


def test_an_extension_that_fails_is_its_traceback_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text("def initialize(extensions):\n    return 1 / 0\n")
    with greeted("--port", "0", EXTENSION_PATH=str(path)) as (process, _):
        _, said = process.communicate(timeout=60)
    *traceback, line = said.strip().splitlines()
    assert process.returncode == 2
    assert line == (
        f"simulator: the extension EXTENSION_PATH='{path}' failed to load: "
        "ZeroDivisionError: division by zero"
    )
    assert f'File "{path}", line 2, in initialize' in "\n".join(traceback)
    assert "function_app" not in said


def test_a_taken_port_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 1
    error = capsys.readouterr().err
    assert error == (
        f"simulator: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "--port names another, and 0 picks a free one\n"
    )


def test_a_bad_setting_is_one_line_and_exit_code_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATOR_MODE", "dream")
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "simulator: SIMULATOR_MODE='dream' is not allowed: one of generate, record, replay\n"
    )


def test_a_trigger_that_the_host_refuses_is_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tick(timer: func.TimerRequest) -> None:
        raise NotImplementedError

    app = func.FunctionApp()
    app.timer_trigger("timer", "hourly")(tick)
    monkeypatch.setitem(sys.modules, "function_app", SimpleNamespace(app=app))
    monkeypatch.setenv("SIMULATOR_API_KEY", KEY)
    assert main(["--port", "0"]) == 1
    assert capsys.readouterr().err == (
        "simulator: function tick: 'hourly' is not a schedule of six fields, seconds first\n"
    )


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", "--port", port])
    assert "--port" in capsys.readouterr().err


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert "serve the app on this machine (the default command)" in capsys.readouterr().out


def test_the_version_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.startswith("azure-openai-simulator")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--port 99999", "argument --port: '99999' is no number from 0 to 65535"),
        ("--fst", "unrecognized arguments: --fst; did you mean --fast?"),
        ("--mode replay", "SIMULATOR_MODE= is a setting, of the environment or of .env"),
        ("--log-level=DEBUG", "LOG_LEVEL= is a setting, of the environment or of .env"),
        ("--nothing-of-the-kind", "unrecognized arguments: --nothing-of-the-kind"),
        ("sevre", "invalid choice: 'sevre'"),
        ("sevre", "did you mean serve?"),
        ("recordings", "the following arguments are required: list|show|check"),
        ("recordings lst", "did you mean list?"),
        ("recordings check --smaple 3", "did you mean --sample?"),
        ("recordings check --format junti", "did you mean junit?"),
        ("quite-another-thing", "'verdict') (python -m simulator --help"),
        ("recordings check --sample 0", "argument --sample: '0' is no number from 1 on"),
        ("--record a --replay b", "argument --replay: not allowed with argument --record"),
    ],
)
def test_a_wrong_argument_is_one_line_and_exit_code_2(
    arguments: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments.split())
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert line.endswith("--help shows what there is)")
