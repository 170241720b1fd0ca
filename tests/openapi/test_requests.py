"""Whatever is asked, the simulator answers: soon, not with a failure, and in shape."""

import asyncio
import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from simulator.assembly.operations import OPERATIONS
from simulator.messages import Request
from tests.conftest import API_VERSION, KEY, MakeSimulator
from tests.openapi.amendments import DATED, NEWER, V1
from tests.openapi.bodies import flaw_of, media_of, reply_to
from tests.openapi.documents import document
from tests.openapi.drawing import drawn, operations
from tests.support.asking import Reply
from tests.support.health_checks import ALL_HEALTH_CHECKS

# Seconds; machines are slow at times.
PATIENCE = 10.0
EXAMPLES = 8
Ask = Callable[[Request], Reply]
few = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=ALL_HEALTH_CHECKS,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ROUTES = sorted(
    (route.method, route.template)
    for operation in OPERATIONS
    for route in operation.routes
    if route.template.startswith("openai/")
)


@pytest.fixture(scope="module")
def ask(make_simulator: MakeSimulator) -> Iterator[Ask]:
    simulator = make_simulator()
    with asyncio.Runner() as runner:
        yield lambda request: runner.run(asyncio.wait_for(reply_to(simulator, request), PATIENCE))


def check(reply: Reply) -> None:
    assert reply.status < 500, reply.body
    if reply.status >= 400:
        assert reply.json.keys() & {"error", "statusCode"}


@pytest.mark.parametrize(
    ("family", "path", "method", "good"),
    [
        (family, path, method, good)
        for family in (DATED, NEWER, V1)
        for path, method in operations(family)
        for good in ([True, False] if method == "post" else [True])
    ],
)
def test_a_request_of_the_document_is_answered_in_shape(
    ask: Ask, family: str, path: str, method: str, good: bool
) -> None:
    @few
    @given(drawn(family, path, method, good=good))
    def asked(request: Request) -> None:
        reply = ask(request)
        check(reply)
        validator = document(family).validator(method, path, reply.status, media_of(reply))
        # Errors of a data source have a number as their code, where the document has text: reported.
        reported = b"statusCode" in reply.body[:20] or b'"requestid"' in reply.body[:40]
        if validator is not None and not reported:
            assert flaw_of(reply, validator) is None

    asked()


@pytest.mark.parametrize(("method", "template"), ROUTES)
def test_any_body_is_answered(ask: Ask, method: str, template: str) -> None:
    parts = st.sampled_from(["gpt-4o", "my-whisper", "resp_" + "0" * 50, "x", "%00", "é"])
    headers = st.sampled_from(
        ["application/json", "multipart/form-data", "multipart/form-data; boundary=b", "x", ""]
    )

    @few
    @given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()), parts, headers)
    def asked(body: bytes, part: str, content_type: str) -> None:
        path = "/".join(part if step.startswith("{") else step for step in template.split("/"))
        version = "" if "/v1/" in template else f"api-version={API_VERSION}"
        sent = {"api-key": KEY, "content-type": content_type}
        check(ask(Request(method, f"/{path}", version, sent, body)))

    asked()
