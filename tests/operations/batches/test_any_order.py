"""No order of calls breaks batches, files and their bounds."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import KEY
from tests.operations.batches.instance import Instance, jsonl, line, lines

CONTENTS = (
    b"",
    b"{",
    jsonl(lines(3)),
    jsonl([line("bad", body={"temperature": 9}), line("ok")]),
    jsonl(lines(2, model="live")),
    b'{"custom_id":"\\ud800","method":"POST","url":"/v1/chat/completions","body":{"model":"night"}}',
    b'{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"night","input":7}}',
)
PART = b'--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\n{"a":\r\n--b--\r\n'
FINAL = {"completed", "failed", "cancelled", "expired"}
CALLS = st.one_of(
    st.tuples(st.just("upload"), st.sampled_from(CONTENTS)),
    st.tuples(st.just("create"), st.integers(0, 5)),
    st.tuples(st.sampled_from(["get", "cancel", "drop input", "output"]), st.integers(0, 5)),
    st.tuples(st.sampled_from(["begin", "part", "complete", "cancel upload"]), st.integers(0, 5)),
    st.tuples(st.just("list"), st.sampled_from(["", "limit=1", "after=batch_0", "after=%00"])),
    st.tuples(st.just("wait"), st.sampled_from([1, 9, 41, 100, 90_000])),
)


def _numbered(names: list[str], number: int) -> str:
    return names[number % len(names)]


class Run:
    """The files and batches of one run of calls; each call names one by its number."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.files: list[str] = ["file-nothing"]
        self.batches: list[str] = ["batch_nothing"]
        self.uploads: list[str] = ["upload_nothing"]
        self.parts: list[str] = ["part_nothing"]
        self.final: dict[str, Any] = {}

    async def do(self, call: str, about: Any) -> None:
        """Make a call; `about` is a content, a query, seconds or a number."""
        if call == "wait":
            self.instance.now += about
        elif call == "upload":
            self.files.append(await self.instance.upload(about))
        elif call == "create":
            await self._create(_numbered(self.files, about))
        elif call in ("begin", "part", "complete", "cancel upload"):
            await self._upload(call, about)
        elif call == "list":
            await self._ask("GET", "batches", query=about)
        elif call == "drop input":
            await self._ask("DELETE", f"files/{_numbered(self.files, about)}")
        else:
            await self._look(call, _numbered(self.batches, about))

    async def _ask(self, method: str, path: str, body: object = b"", **more: Any) -> Any:
        reply = await self.instance.ask(method, path, body, **more)
        assert reply.status < 500, reply.body
        return reply

    async def _create(self, file: str) -> None:
        body = {
            "input_file_id": file,
            "endpoint": "/chat/completions",
            "completion_window": "24h",
        }
        reply = await self._ask("POST", "batches", body)
        if reply.status == 200:
            self.batches.append(reply.json["id"])

    async def _upload(self, call: str, about: int) -> None:
        upload = f"uploads/{_numbered(self.uploads, about)}"
        if call == "begin":
            body = {"bytes": 5, "filename": "a.jsonl", "mime_type": "", "purpose": "batch"}
            self.uploads.append((await self._ask("POST", "uploads", body)).json["id"])
        elif call == "part":
            headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
            reply = await self._ask("POST", f"{upload}/parts", PART, headers=headers)
            if reply.status == 200:
                self.parts.append(reply.json["id"])
        elif call == "complete":
            reply = await self._ask("POST", f"{upload}/complete", {"part_ids": self.parts[-1:]})
            if reply.status == 200:
                self.files.append(reply.json["file"]["id"])
        else:
            await self._ask("POST", f"{upload}/cancel")

    async def _look(self, call: str, batch: str) -> None:
        if call == "cancel":
            await self._ask("POST", f"batches/{batch}/cancel")
            return
        reply = await self._ask("GET", f"batches/{batch}")
        if reply.status != 200:
            return
        if reply.json["status"] in FINAL:
            # A final state stays.
            assert self.final.setdefault(batch, reply.json) == reply.json
        if call == "output" and reply.json["output_file_id"]:
            found = await self._ask("GET", f"files/{reply.json['output_file_id']}/content")
            assert found.status == 200


@settings(max_examples=20)
@given(st.lists(CALLS, max_size=20))
def test_no_order_of_calls_breaks_anything(calls: list[tuple[str, Any]]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            instance = Instance(Path(folder))
            going = Run(instance)
            await going.do("upload", CONTENTS[2])
            await going.do("create", 1)
            for call, about in calls:
                await going.do(call, about)
            await instance.simulator.close()

    asyncio.run(run())
