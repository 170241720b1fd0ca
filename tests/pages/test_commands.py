"""The commands of README and docs, run as they are typed."""

import re
from pathlib import Path

import httpx2
import pytest

from tests.conftest import KEY
from tests.docs.pages import PAGES, blocks, commands, is_command
from tests.pages.desk import Desk, untrusting
from tests.pages.elsewhere import ELSEWHERE

# What these say of commands is history or house rules.
LEFT_OUT = {"CHANGELOG.md", "decisions.md", "conventions.md"}
TYPED = sorted(
    {command for page in PAGES if page.name not in LEFT_OUT for command in commands(page)}
)
RUN = [command for command in TYPED if not any(re.match(row, command) for row in ELSEWHERE)]
SERVES = re.compile(r"(?:[A-Z_]+=\S+ )*(make run\b|(?:aoai-simulator|python -m simulator)(?= -|$))")
STARTS = [command for command in RUN if SERVES.match(command)]
OTHERS = [command for command in RUN if not SERVES.match(command)]
REFUSED = {"[[filter:": "content_filter"}
"""What is in a command that is to be refused, and what is in the answer then."""

CHANGED = {"save-recordings": {"simulator_mode": "record"}}
"""What is in a command, and what is changed in the simulator before it."""


@pytest.mark.parametrize("row", ELSEWHERE)
def test_what_is_not_run_here_is_on_a_page(row: str) -> None:
    assert [command for command in TYPED if re.match(row, command)]


def test_many_commands_are_run() -> None:
    assert len(STARTS) > 15
    assert len(OTHERS) > 30


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_stand_in_shell_blocks(page: Path) -> None:
    others = [block.text for block in blocks(page) if block.language != "sh"]
    assert not [line for text in others for line in text.splitlines() if is_command(line)]


@pytest.mark.parametrize("command", STARTS)
def test_a_command_that_serves_serves(command: str, desk: Desk) -> None:
    free = " PORT=0" if "make run" in command else " --port 0"
    command = command.replace("…", KEY)
    with desk.started(command + free) as url:
        assert url.startswith("https:" if "--tls" in command else "http:")
        answer = httpx2.get(f"{url}/++/health", verify=untrusting(), timeout=60)
        assert answer.status_code == 200


def filled_in(command: str, desk: Desk) -> str:
    """The command with what its reader fills in: addresses, keys and names."""
    asked = desk.ask().headers["apim-request-id"]
    (recording, *_) = sorted((desk.elsewhere / ".recording").glob("v1/gpt-4o/*/*.json"))
    for pattern, value in {
        r"(http://)?(localhost|127\.0\.0\.1):8000": desk.url,
        r"https://my-simulator\.azurewebsites\.net": desk.url,
        r"(?<=KEY=)(\.\.\.|the-key\S+)|(?<=api-key: )…": KEY,
        r"the-key-that-the-start-printed": KEY,
        r"\b(REQUEST_ID|(?<=requests/)ID)\b": asked,
        r"\bKEY(?=\.json)|(?<=show )(KEY|NAME)": recording.stem,
        r"\bFILE\b": "fleet.json",
    }.items():
        command = re.sub(pattern, value, command)
    return re.sub(r"^make test-client(?!.* URL=)", f"make test-client URL={desk.url}", command)


@pytest.mark.parametrize("command", OTHERS)
def test_a_command_does_what_it_says(command: str, desk: Desk) -> None:
    changed = next((change for sign, change in CHANGED.items() if sign in command), {})
    desk.reset(changed)
    answer = next((said for sign, said in REFUSED.items() if sign in command), None)
    typed = filled_in(command, desk)
    if typed.startswith("curl ") and answer is None:
        typed = typed.replace("curl ", "curl --fail-with-body ", 1)
    done = desk.typed(typed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout or ">" in typed or "DELETE" in typed or typed.startswith("export ")
    assert (answer or "") in done.stdout
