"""One instance of the simulator with batches, without a server between, and the time that it sees."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from simulator.app import Simulator
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from tests.conftest import KEY, NO_LATENCY
from tests.support.asking import Reply, ask

START = 1_785_164_068.0
DEPLOYMENTS = {
    "night": {"model": "gpt-5-mini", "sku": "GlobalBatch"},
    "zone": {"model": "gpt-5-mini", "sku": "DataZoneBatch"},
    "live": {"model": "gpt-5-mini", "sku": "GlobalStandard"},
}
JSONL = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n'
PURPOSE = b'\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--\r\n'


def line(custom_id: str, *, model: str = "night", **more: Any) -> dict[str, Any]:
    """A line that asks for a chat; `text` is what its user says."""
    messages = [{"role": "user", "content": more.pop("text", f"Hello {custom_id}")}]
    body = {"model": model, "messages": messages} | more.pop("body", {})
    whole = {"custom_id": custom_id, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return whole | more


def lines(count: int, **more: Any) -> list[dict[str, Any]]:
    return [line(f"task-{number}", **more) for number in range(count)]


def jsonl(found: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(msgspec.json.encode(one) + b"\n" for one in found)


class Instance:
    """Asks a simulator whose time of day stands still until `now` is set."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.now = START
        path = folder / "deployments.json"
        deployments = settings.pop("deployments", DEPLOYMENTS)
        path.write_text(json.dumps(deployments))
        given: dict[str, Any] = {
            **NO_LATENCY,
            "api_key": KEY,
            "deployments_path": str(path),
            "allow_undefined_deployments": False,
            "batch_duration": 100.0,
        }
        self.simulator: Simulator = create_simulator(
            Settings(**(given | settings)), now=lambda: self.now
        )

    async def ask(self, method: str, path: str, body: object = b"", **more: Any) -> Reply:
        more.setdefault("query", "")
        return await ask(self.simulator, f"/openai/v1/{path}", body, method=method, **more)

    async def put_rules(self, rules: object) -> None:
        reply = await ask(self.simulator, "/++/rules", rules, method="PUT", query="")
        assert reply.status == 200, reply.body

    async def upload(self, content: bytes) -> str:
        headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
        reply = await self.ask("POST", "files", JSONL + content + PURPOSE, headers=headers)
        assert reply.status == 201, reply.body
        return reply.json["id"]

    async def create(self, content: bytes, **more: Any) -> Any:
        """Upload the content, and create a batch of it."""
        body = {
            "input_file_id": await self.upload(content),
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
        }
        reply = await self.ask("POST", "batches", body | more)
        assert reply.status == 200, reply.body
        return reply.json

    async def get(self, batch: Any, *, after: float | None = None) -> Any:
        """The batch, at so many seconds after its creation."""
        if after is not None:
            self.now = START + after
        reply = await self.ask("GET", f"batches/{batch['id']}")
        assert reply.status == 200, reply.body
        return reply.json

    async def cancel(self, batch: Any, *, after: float) -> Reply:
        self.now = START + after
        return await self.ask("POST", f"batches/{batch['id']}/cancel")

    async def output(self, batch: Any, kind: str = "output") -> list[Any]:
        """The lines of a file of the batch."""
        reply = await self.ask("GET", f"files/{batch[f'{kind}_file_id']}/content")
        assert reply.status == 200, reply.body
        return [json.loads(one) for one in reply.body.splitlines()]
