import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.requests import Request as WebRequest

from simulator.hosting.bodies import Bodies
from simulator.hosting.starlette_border import serve
from simulator.messages import Request, Response
from tests.conftest import API_VERSION, KEY, Serve
from tests.support import fake_upstream as fake
from tests.support.fake_upstream import running_upstream

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/",
    "query_string": b"",
    "headers": [],
}


class Client:
    """A client that has sent its request and leaves when a test says so."""

    def __init__(self) -> None:
        self.leaves = asyncio.Event()
        self.works = asyncio.Event()
        self.sent = False
        self.ended = False

    async def receive(self) -> Any:
        if not self.sent:
            self.sent = True
            return {"type": "http.request", "body": b""}
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def simulator(self, request: Request, read: Any) -> Response:
        await read()
        self.works.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True
        raise AssertionError

    def ask(self) -> asyncio.Task[Any]:
        return asyncio.create_task(
            serve(self.simulator, WebRequest(SCOPE, self.receive), Bodies(16))
        )


async def test_the_work_ends_when_its_client_leaves() -> None:
    client = Client()
    asked = client.ask()
    await client.works.wait()
    client.leaves.set()
    answer = await asyncio.wait_for(asked, 10)
    assert (client.ended, answer.body, asked.cancelling()) == (True, b"", 0)


async def test_who_else_cancels_the_work_is_not_ignored() -> None:
    client = Client()
    asked = client.ask()
    await client.works.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert client.ended


async def test_an_answer_ends_the_watch() -> None:
    client = Client()

    async def simulator(request: Request, read: Any) -> Response:
        await read()
        await asyncio.sleep(0.3)
        return Response(200, {}, b"")

    before = asyncio.all_tasks()
    answer = await serve(simulator, WebRequest(SCOPE, client.receive), Bodies(16))
    await asyncio.sleep(0)
    assert (answer.status_code, asyncio.all_tasks()) == (200, before)


async def test_a_client_that_gives_up_leaves_its_turn_at_the_upstream_to_the_next(
    serve: Serve, tmp_path: Path
) -> None:
    async with running_upstream() as upstream:
        url = serve(
            mode="record",
            upstream_endpoint=upstream.endpoint,
            upstream_key="k",
            upstream_connections=1,
            recording_dir=str(tmp_path),
        )
        headers = {"api-key": KEY}
        async with httpx2.AsyncClient(base_url=url, headers=headers) as client:
            with pytest.raises(httpx2.ReadTimeout):
                await client.post("/openai/deployments/d/silent", json={}, timeout=0.3)
            answer = await client.post("/openai/deployments/d/chat", json={}, timeout=8)
            entries = (await client.get("/++/requests")).json()
    assert answer.content == fake.CHAT
    found = [(entry["status"], entry.get("cut", False)) for entry in entries["requests"]]
    assert sorted(found) == [(200, False), (499, True)]


def test_a_client_that_gives_up_while_its_answer_is_paced_is_in_the_journal(serve: Serve) -> None:
    url = serve(embeddings_mean=60_000.0)
    path = f"/openai/deployments/text-embedding-3-small/embeddings?api-version={API_VERSION}"
    with httpx2.Client(base_url=url, headers={"api-key": KEY}) as client:
        with pytest.raises(httpx2.ReadTimeout):
            client.post(path, json={"input": "Hello"}, timeout=0.3)
        while not (found := client.get("/++/requests").json()["requests"]):
            pass
    assert [(entry["status"], entry.get("cut", False)) for entry in found] == [(499, True)]
