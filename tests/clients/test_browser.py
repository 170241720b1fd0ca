"""A page of another origin in a real browser: `fetch`, and OpenAI's client for JavaScript."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.async_api import Browser, Page

from tests.conftest import API_VERSION, KEY, served

MODULES = Path(__file__).parents[2] / "node_modules"
CHAT = f"/openai/deployments/gpt-4o/chat/completions?api-version={API_VERSION}"
ASKED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "What is Azure?"}],
    "max_tokens": 5,
}
FETCH = """async ([url, method, key, body]) => {
    const headers = { "api-key": key, "content-type": "application/json" };
    try {
        const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
        return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
    } catch (error) {
        return { error: error.name };
    }
}"""
CLIENT = """async ([endpoint, apiKey]) => {
    const { AzureOpenAI } = await import("/openai/index.mjs");
    const client = new AzureOpenAI(
        { endpoint, apiKey, apiVersion: "2024-10-21", dangerouslyAllowBrowser: true, maxRetries: 0 });
    const asked = { model: "gpt-4o", messages: [{ role: "user", content: "Hi" }], max_tokens: 5 };
    const { data, response } = await client.chat.completions.create(asked).withResponse();
    let streamed = 0;
    for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) streamed += 1;
    return [data.choices[0].message.content, response.headers.get("x-ratelimit-remaining-tokens"), streamed];
}"""


class Quiet(SimpleHTTPRequestHandler):
    """The packages of Node.js as the files of a web site."""

    def log_message(self, *line: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>An app</title>")
        else:
            super().do_GET()


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of the page: its origin with 127.0.0.1 is allowed, the one with localhost is not."""
    handler = functools.partial(Quiet, directory=str(MODULES))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def simulator(site: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("settings") / "deployments.json"
    path.write_text(
        '{"gpt-4o": {"model": "gpt-4o", "tokensPerMinute": 100000},'
        ' "little": {"model": "gpt-4o", "tokensPerMinute": 1000}}'
    )
    origins = (f"http://127.0.0.1:{site}",)
    with served({"cors_origins": origins, "deployments_path": str(path)}) as url:
        yield url


@pytest.fixture
async def page(browser: Browser, site: int) -> Page:
    opened = await browser.new_page()
    await opened.goto(f"http://127.0.0.1:{site}/")
    return opened


async def fetched(
    page: Page, url: str, *, method: str = "POST", key: str = KEY, **body: Any
) -> Any:
    return await page.evaluate(FETCH, [url, method, key, body])


async def test_a_page_reads_answers_their_headers_and_errors(page: Page, simulator: str) -> None:
    answer = await fetched(page, simulator + CHAT, **ASKED)
    assert answer["status"] == 200
    seen = httpx2.post(simulator + CHAT, json=ASKED, headers={"api-key": KEY}, timeout=60).headers
    hidden = {"date", "server", "vary", "transfer-encoding", "connection"}
    assert set(seen) - hidden <= set(answer["headers"])

    wrong = await fetched(page, simulator + CHAT, key="wrong", **ASKED)
    assert wrong["status"] == 401
    assert "Access denied" in wrong["text"]

    much = simulator + CHAT.replace("gpt-4o", "little")
    refused = await fetched(page, much, **{**ASKED, "max_tokens": 2000})
    assert refused["status"] == 429
    assert refused["headers"]["retry-after"] == "86400"
    assert refused["headers"]["x-ratelimit-type"] == "Tokens"

    assert (await fetched(page, f"{simulator}/nowhere"))["status"] == 404
    changed = await fetched(page, f"{simulator}/++/config", method="PATCH", latency={"factor": 1})
    assert changed["status"] == 200


async def test_openais_client_runs_in_a_page(page: Page, simulator: str) -> None:
    content, remaining, chunks = await page.evaluate(CLIENT, [simulator, KEY])
    assert content
    assert int(remaining) > 0
    assert chunks > 2


async def test_a_page_of_another_origin_is_refused_by_the_browser(
    browser: Browser, site: int, simulator: str
) -> None:
    def journal() -> int:
        answer = httpx2.get(f"{simulator}/++/requests", headers={"api-key": KEY}, timeout=60)
        return len(answer.json()["requests"])

    page = await browser.new_page()
    await page.goto(f"http://localhost:{site}/")
    before = journal()
    assert await fetched(page, simulator + CHAT, **ASKED) == {"error": "TypeError"}
    assert journal() == before
