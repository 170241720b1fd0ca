"""What an extension adds, at work in a simulator."""

import inspect
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from simulator import extensions
from simulator.app import Simulator
from simulator.extensions.loading import ExtensionError
from tests.conftest import KEY, MakeSimulator, Serve
from tests.support.asking import Reply, ask, route
from tests.support.fake_upstream import running_upstream

CHAT = route("chat/completions", "gpt-4o")
BODY = {"messages": [{"role": "user", "content": "Hello"}]}
IMPORTS = "from simulator.extensions import *\n"


@pytest.fixture
def extended(make_simulator: MakeSimulator, tmp_path: Path) -> Any:
    """`extended(text, **settings)`: a simulator with the extension of this text."""

    def extended(text: str, **settings: Any) -> Simulator:
        path = tmp_path / "extension.py"
        path.write_text(IMPORTS + inspect.cleandoc(text))
        return make_simulator(extension_path=str(path), **settings)

    return extended


def test_all_that_is_offered_is_there() -> None:
    assert all(hasattr(extensions, name) for name in extensions.__all__)


OPERATION = """
    class Mine(Operation[None]):
        name = "mine"
        routes = (Route("GET", "{route}"),)

        def parse(self, target):
            return None

        async def generate(self, call, tempo):
            return Answer.plain(b"mine")

    def initialize(extensions):
        extensions.add_operation(Mine)
"""


@pytest.mark.parametrize("path", ["mine/a", "openai/models", ""])
async def test_an_operation_answers_on_any_route_even_one_that_is_taken(
    extended: Any, path: str
) -> None:
    reply = await ask(extended(OPERATION.replace("{route}", path)), f"/{path}", method="GET")
    assert (reply.status, reply.body) == (200, b"mine")


def test_an_operation_whose_name_is_taken_stops_the_start(extended: Any) -> None:
    text = OPERATION.replace('"mine"', '"embeddings"')
    with pytest.raises(ExtensionError, match="'embeddings'"):
        extended(text)


REPLACE = """
    async def answer(call, tempo):
        return Answer.plain(call.request.body + call.deployment.name.encode(), headers={"x": "y"})

    def initialize(extensions):
        extensions.replace_generator("chat_completions", answer)
"""


async def test_a_replaced_generator_answers_with_the_headers_of_the_deployment(
    extended: Any,
) -> None:
    reply = await ask(extended(REPLACE), CHAT, BODY)
    assert reply.body.endswith(b"}gpt-4o")
    assert reply.headers["x"] == "y"
    assert reply.headers["x-ms-deployment-name"] == "gpt-4o"


async def test_a_replaced_generator_is_asked_only_what_is_good(extended: Any) -> None:
    assert (await ask(extended(REPLACE), CHAT, {"messages": []})).status == 400


async def test_wrappers_are_around_one_another_and_the_last_one_is_outermost(
    extended: Any,
) -> None:
    text = """
        def wrapper(letter):
            async def wrap(original, call, tempo):
                answer = await original(call, tempo)
                return answer.with_headers({"by": letter + answer.headers.get("by", "")})
            return wrap

        def initialize(extensions):
            extensions.wrap_generator("chat_completions", wrapper("a"))
            extensions.wrap_generator("chat_completions", wrapper("b"))
    """
    reply = await ask(extended(text), CHAT, BODY)
    # An answer's own headers win over those that are added to it.
    assert reply.headers["by"] == "a"
    assert reply.json["object"] == "chat.completion"


def test_a_generator_of_no_operation_stops_the_start(extended: Any) -> None:
    with pytest.raises(ExtensionError, match=r"'chat', but the operations are .*audio_speech"):
        extended(REPLACE.replace("chat_completions", "chat"))


LIMITER = """
    calls = []

    async def limiter(call):
        calls.append(call)
        if len(calls) > 1:
            raise RateLimited("Enough.", retry_after=2.5)
        return {"x-left": "0", "x-ratelimit-remaining-tokens": "mine"}

    def initialize(extensions):
        extensions.add_limiter(limiter)
"""


@pytest.mark.parametrize(
    ("method", "path"), [("POST", CHAT), ("GET", "/openai/models"), ("GET", "/")]
)
async def test_a_limiter_admits_and_refuses(extended: Any, method: str, path: str) -> None:
    simulator = extended(LIMITER)
    first = await ask(simulator, path, BODY, method=method)
    assert (first.status, first.headers["x-left"]) == (200, "0")
    second = await ask(simulator, path, BODY, method=method)
    assert (second.status, second.headers["retry-after"]) == (429, "3")
    assert second.json["error"] == {"code": "RateLimitReached", "message": "Enough."}


async def test_what_a_limiter_refuses_is_not_charged_to_the_deployment(
    extended: Any, tmp_path: Path
) -> None:
    deployments = tmp_path / "deployments.json"
    deployments.write_text('{"d": {"model": "gpt-4o", "tokensPerMinute": 1000}}')
    text = LIMITER.replace("len(calls) > 1", "len(calls) == 1")
    simulator = extended(text, deployments_path=str(deployments))
    path = route("chat/completions", "d")
    body = {**BODY, "max_tokens": 600}
    assert [(await ask(simulator, path, body)).status for _ in range(3)] == [429, 200, 429]


async def test_a_limiters_headers_do_not_hide_the_deployments(
    extended: Any, tmp_path: Path
) -> None:
    deployments = tmp_path / "deployments.json"
    deployments.write_text('{"d": {"model": "gpt-4o", "tokensPerMinute": 1000}}')
    simulator = extended(LIMITER, deployments_path=str(deployments))
    reply = await ask(simulator, route("chat/completions", "d"), {**BODY, "max_tokens": 5})
    assert reply.headers["x-left"] == "0"
    assert reply.headers["x-ratelimit-remaining-tokens"].isdecimal()


AUTHENTICATION = """
    async def check(request, key):
        if "x-mine" not in request.headers:
            return None
        return key.matches(request.headers["x-mine"])

    def initialize(extensions):
        extensions.add_authentication(check)
"""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x-mine": KEY}, 200),
        ({"x-mine": "wrong"}, 401),
        ({"x-mine": "wrong", "api-key": KEY}, 401),
        ({"api-key": KEY}, 200),
        ({}, 401),
    ],
)
async def test_an_authentication_of_ones_own_lets_in_and_refuses(
    extended: Any, headers: dict[str, str], status: int
) -> None:
    assert (await ask(extended(AUTHENTICATION), CHAT, BODY, headers=headers)).status == status


FAILURES = {
    "a generator": ("async def f(call, tempo): 1 / 0", "replace_generator('chat_completions', f)"),
    "a wrapper": ("async def f(o, c, t): 1 / 0", "wrap_generator('chat_completions', f)"),
    "a limiter": ("async def f(call): 1 / 0", "add_limiter(f)"),
    "an authentication": ("async def f(request, key): 1 / 0", "add_authentication(f)"),
    "a limiter that is not async": ("def f(call): 1 / 0", "add_limiter(f)"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failure_in_a_request_is_a_500_and_a_log_line(
    extended: Any, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    function, add = FAILURES[name]
    simulator = extended(f"{function}\ndef initialize(extensions): extensions.{add}")
    reply = await ask(simulator, CHAT, BODY)
    assert_server_error(reply)
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert "ZeroDivisionError" in caplog.text
    assert reply.headers["apim-request-id"] in record.getMessage()


def assert_server_error(reply: Reply) -> None:
    assert reply.status == 500
    assert "The server had an error" in reply.error[0]
    assert b"Zero" not in reply.body


@pytest.mark.parametrize("answer", ["None", "{'status': 200}"])
def test_what_is_no_answer_is_a_500_too(serve: Serve, tmp_path: Path, answer: str) -> None:
    path = tmp_path / "extension.py"
    text = OPERATION.replace('Answer.plain(b"mine")', answer).replace("{route}", "mine")
    path.write_text(IMPORTS + inspect.cleandoc(text))
    reply = httpx2.get(f"{serve(extension_path=str(path))}/mine", headers={"api-key": KEY})
    assert reply.status_code == 500
    assert "The server had an error" in reply.json()["error"]["message"]


FORWARDER = """
    async def forward(request):
        1 / 0

    def initialize(extensions):
        extensions.add_forwarder(forward)
"""


async def test_what_the_page_shows_works(make_simulator: MakeSimulator, tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "extending.md"
    (shown,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "extension.py"
    path.write_text(shown)
    simulator = make_simulator(extension_path=str(path))
    reply = await ask(simulator, "/greetings/you", method="GET")
    assert (reply.status, reply.body) == (200, b"Hello you")


async def test_a_failing_forwarder_is_a_500_each_time(extended: Any, tmp_path: Path) -> None:
    simulator = extended(FORWARDER, mode="record", recording_dir=str(tmp_path))
    for _ in range(2):
        assert_server_error(await ask(simulator, CHAT, BODY))


REDACTION = """
    def redact(data):
        return data.replace(b"Hello", b"***")

    async def forward(request):
        return Forward(request, ENDPOINT)

    def initialize(extensions):
        extensions.add_forwarder(forward)
        extensions.add_redaction(redact)
"""


async def test_what_a_redaction_takes_out_is_sent_on_and_not_stored(
    extended: Any, tmp_path: Path
) -> None:
    async with running_upstream() as upstream:
        code = REDACTION.replace("ENDPOINT", repr(upstream.endpoint))
        simulator = extended(code, mode="record", recording_dir=str(tmp_path))
        path = CHAT.replace("chat/completions", "echo")
        reply = await ask(simulator, path, {"text": "Hello"})
        await simulator.close()
    assert (b"Hello" in reply.body, b"Hello" in upstream.asked[0].body) == (True, True)
    assert _stored(tmp_path) == [False]


def _stored(folder: Path) -> list[bool]:
    """For each recording, whether it holds what is to be taken out."""
    return ["Hello" in file.read_text() for file in folder.rglob("*.json")]
