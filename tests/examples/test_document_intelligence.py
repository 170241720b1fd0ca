"""The example of Document Intelligence, by its real client."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from azure.ai.documentintelligence import DocumentIntelligenceClient
from azure.ai.documentintelligence.models import AnalyzeDocumentRequest
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from simulator.extensions.loading import ExtensionError
from tests.conftest import KEY, Serve

EXAMPLE = "examples/document_intelligence"
PATH = "/documentintelligence/documentModels/prebuilt-layout"
QUERY = "api-version=2024-11-30"
KEYS = {"ocp-apim-subscription-key": KEY}
# The client takes bytes, though its types name files only.
DOCUMENT: Any = b"%PDF-1.7"
NOTHING: Any = b""
RESOURCES_KEY = "key-of-the-resource"

Client = Callable[..., DocumentIntelligenceClient]


@pytest.fixture
def start(serve: Serve) -> Serve:
    """A simulator with the example; `seconds` and other settings of its own are given by name."""

    def start(seconds: float = 0, own: dict[str, str] | None = None, **settings: Any) -> str:
        environment = {"DOCUMENT_INTELLIGENCE_SECONDS": str(seconds), **(own or {})}
        return serve(extension_path=EXAMPLE, environment=environment, **settings)

    return start


@pytest.fixture
def client() -> Iterator[Client]:
    with ExitStack() as stack:

        def connect(url: str, credential: Any = None) -> DocumentIntelligenceClient:
            known = credential or AzureKeyCredential(KEY)
            return stack.enter_context(
                DocumentIntelligenceClient(
                    url, known, polling_interval=0.05, retry_total=0, enforce_https=False
                )
            )

        yield connect


def started(url: str, **headers: str) -> httpx2.Response:
    return httpx2.post(f"{url}{PATH}:analyze?{QUERY}", content=DOCUMENT, headers=KEYS | headers)


def asked(address: str) -> httpx2.Response:
    return httpx2.get(address, headers=KEYS)


def test_a_client_waits_for_its_analysis(start: Serve, client: Client) -> None:
    poller = client(start(0.3)).begin_analyze_document("prebuilt-layout", DOCUMENT)
    began, result = time.monotonic(), poller.result(20)
    assert time.monotonic() - began >= 0.2
    assert result.model_id == "prebuilt-layout"
    assert result.api_version == "2024-11-30"


def test_spans_and_pages_tell_what_the_content_is(start: Serve, client: Client) -> None:
    source = AnalyzeDocumentRequest(url_source="https://example.com/a.pdf")
    result = client(start()).begin_analyze_document("prebuilt-read", source).result(20)
    page = result.pages[0]
    for told in [*page.words, *page.lines]:
        span = told.spans[0] if "spans" in told else told.span
        assert result.content[span.offset : span.offset + span.length] == told.content
        assert all(0 <= value <= page.height for value in told.polygon)
    assert [line.content for line in page.lines] == result.content.split("\n")


def test_an_analysis_under_way_has_no_result(start: Serve) -> None:
    reply = started(start(60))
    assert (reply.status_code, reply.content) == (202, b"")
    running = asked(reply.headers["operation-location"]).json()
    assert running["status"] == "running"
    assert "analyzeResult" not in running


def test_a_result_stays_the_same(start: Serve) -> None:
    address = started(start()).headers["operation-location"]
    done = asked(address).json()
    assert done["status"] == "succeeded"
    assert done == asked(address).json()


def test_the_address_to_ask_at_is_where_the_client_came_from(start: Serve) -> None:
    reply = started(start(), host="sim.example", **{"x-forwarded-proto": "https"})
    assert reply.headers["operation-location"].startswith(
        f"https://sim.example{PATH}/analyzeResults/"
    )


def test_a_client_learns_when_to_ask(start: Serve) -> None:
    reply = started(start(3))
    assert reply.headers["retry-after"] == "3"
    assert asked(reply.headers["operation-location"]).headers["retry-after"] == "2"


def test_an_unknown_analysis_is_not_found(start: Serve) -> None:
    reply = asked(f"{start()}{PATH}/analyzeResults/x?{QUERY}")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "NotFound")


def test_nothing_cannot_be_analysed(start: Serve, client: Client) -> None:
    with pytest.raises(HttpResponseError, match="needs a document") as refused:
        client(start()).begin_analyze_document("prebuilt-layout", NOTHING)
    assert refused.value.status_code == 400


def test_too_many_at_once_learn_when_to_come_back(start: Serve) -> None:
    url = start(own={"DOCUMENT_INTELLIGENCE_REQUESTS_PER_SECOND": "2"})
    replies = [started(url) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [202, 202, 429]
    assert replies[2].headers["retry-after"] == "1"
    assert replies[2].json()["error"]["code"] == "429"


def test_asking_is_not_limited(start: Serve) -> None:
    address = started(start(own={"DOCUMENT_INTELLIGENCE_REQUESTS_PER_SECOND": "1"})).headers[
        "operation-location"
    ]
    assert {asked(address).status_code for _ in range(5)} == {200}


def test_a_wrong_key_is_denied(start: Serve, client: Client) -> None:
    wrong = client(start(), AzureKeyCredential("wrong"))
    with pytest.raises(ClientAuthenticationError, match="invalid subscription key"):
        wrong.begin_analyze_document("prebuilt-layout", DOCUMENT)


@pytest.mark.parametrize("headers", [{}, {"api-key": "wrong"}, {"authorization": "Bearer wrong"}])
def test_so_are_other_wrong_keys(start: Serve, headers: dict[str, str]) -> None:
    address = f"{start()}{PATH}:analyze?{QUERY}"
    assert httpx2.post(address, content=DOCUMENT, headers=headers).status_code == 401


@pytest.mark.parametrize("headers", [{"api-key": KEY}, {"authorization": f"Bearer {KEY}"}])
def test_the_simulators_own_ways_let_in_too(start: Serve, headers: dict[str, str]) -> None:
    address = f"{start()}{PATH}:analyze?{QUERY}"
    assert httpx2.post(address, content=DOCUMENT, headers=headers).status_code == 202


def test_the_header_lets_in_on_these_routes_alone(start: Serve) -> None:
    assert httpx2.get(f"{start()}/openai/models?{QUERY}", headers=KEYS).status_code == 401


class Resource:
    """A resource of Document Intelligence whose analyses are done when they are asked for a third time."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.keys: set[str | None] = set()
        self.polls = self.posts = 0
        server.expect_request(f"{PATH}:analyze").respond_with_handler(self._start)
        server.expect_request(f"{PATH}/analyzeResults/r-1").respond_with_handler(self._tell)

    def _start(self, request: Request) -> Response:
        self.keys.add(request.headers.get("ocp-apim-subscription-key"))
        self.posts += 1
        location = f"{self.url}{PATH}/analyzeResults/r-1?{QUERY}"
        return Response(status=202, headers={"Operation-Location": location})

    def _tell(self, request: Request) -> Response:
        self.keys.add(request.headers.get("ocp-apim-subscription-key"))
        self.polls += 1
        if self.polls < 3:
            return Response('{"status":"running"}', content_type="application/json")
        result = (
            '{"apiVersion":"2024-11-30","modelId":"prebuilt-layout","content":"Grüezi","pages":[]}'
        )
        body = f'{{"status":"succeeded","analyzeResult":{result}}}'
        return Response(body, content_type="application/json; charset=utf-8")


@pytest.fixture
def resource(httpserver: HTTPServer) -> Resource:
    return Resource(httpserver)


@pytest.fixture
def recorder(start: Serve, resource: Resource, tmp_path: Path) -> str:
    own = {
        "DOCUMENT_INTELLIGENCE_ENDPOINT": resource.url,
        "DOCUMENT_INTELLIGENCE_KEY": RESOURCES_KEY,
    }
    # Nothing is said of Azure OpenAI: only documents are to be recorded.
    return start(own=own, mode="record", recording_dir=str(tmp_path))


def test_a_recorded_analysis_is_the_resources(
    recorder: str, resource: Resource, client: Client
) -> None:
    poller = client(recorder).begin_analyze_document("prebuilt-layout", DOCUMENT)
    assert poller.result(20).content == "Grüezi"
    assert resource.polls == 3
    assert resource.keys == {RESOURCES_KEY}


def test_only_the_final_answer_is_recorded(
    recorder: str, resource: Resource, client: Client, start: Serve, tmp_path: Path
) -> None:
    client(recorder).begin_analyze_document("prebuilt-layout", DOCUMENT).result(20)
    stored = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.json")]
    assert len([text for text in stored if "analyzeResults" in text and "202" in text]) >= 1
    assert not any('"running"' in text or RESOURCES_KEY in text or KEY in text for text in stored)
    replayed = start(mode="replay", recording_dir=str(tmp_path))
    poller = client(replayed).begin_analyze_document("prebuilt-layout", DOCUMENT)
    assert poller.result(20).content == "Grüezi"
    assert (resource.posts, resource.polls) == (1, 3)


def test_a_poll_says_whether_it_was_recorded(recorder: str) -> None:
    address = started(recorder).headers["operation-location"]
    marks = [asked(address).headers.get("x-recording") for _ in range(4)]
    assert marks == [None, None, "stored", "hit"]


def test_what_no_forwarder_takes_has_nowhere_to_go(recorder: str) -> None:
    reply = httpx2.get(f"{recorder}/openai/elsewhere", headers={"api-key": KEY})
    assert reply.status_code == 502
    assert "AZURE_OPENAI_ENDPOINT is not set" in reply.json()["error"]["message"]
    assert httpx2.get(f"{recorder}/elsewhere", headers={"api-key": KEY}).status_code == 404


def test_recording_asks_for_the_key_too(recorder: str, resource: Resource, client: Client) -> None:
    with pytest.raises(ClientAuthenticationError):
        client(recorder, AzureKeyCredential("wrong")).begin_analyze_document("m", DOCUMENT)
    assert resource.keys == set()


@pytest.mark.parametrize("allowed", ["0", "-1", "many"])
def test_a_limit_that_is_none_stops_the_start(start: Serve, allowed: str) -> None:
    with pytest.raises(ExtensionError, match=f"'{EXAMPLE}' failed to load: ValueError"):
        start(own={"DOCUMENT_INTELLIGENCE_REQUESTS_PER_SECOND": allowed})
