"""Whatever is made, changed, cancelled and deleted, in whatever order and by whatever ids: no 5xx."""

import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.messages import Request
from tests.conftest import KEY
from tests.operations.batches.instance import JSONL, PURPOSE, Instance, jsonl, line, lines
from tests.support.health_checks import ALL_HEALTH_CHECKS

V1 = "/openai/v1"
DATED = "/openai"
DEPLOYMENTS = {
    "night": {"model": "gpt-5-mini", "sku": "GlobalBatch", "enqueuedTokens": 200},
    "gpt-5-mini": {"model": "gpt-5-mini"},
    "gpt-4o": {"model": "gpt-4o"},
}
PREFIXES = {
    "CONVERSATION": "conv_",
    "RESPONSE": "resp_",
    "ITEM": "msg_",
    "COMPLETION": "chatcmpl-",
    "HOOK": "wh_",
    "FILE": "file-",
    "BATCH": "batch_",
    "UPLOAD": "upload_",
    "PART": "part_",
}
WORDS = re.compile("|".join(PREFIXES))
ODD = ("x", "%00", "..", "%2e%2e", "a%2Fb", "é", "\ud800", "0" * 4_000, "msg_", "rs_1", "null")
USER = {"role": "user", "content": "Hi"}
ITEMS: tuple[Any, ...] = (
    USER,
    USER,
    USER,
    {"type": "message", "role": "assistant", "content": "Hello"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "x"},
    {"type": "item_reference", "id": "ITEM"},
    {"type": "reasoning", "id": "ITEM", "summary": []},
    {"type": "compaction", "encrypted_content": "RESPONSE"},
    {"role": "user", "content": [{"type": "input_file", "file_id": "FILE"}]},
    {"role": "user", "content": [{"type": "input_image", "file_id": "FILE"}]},
)
LINES = (
    b"",
    b"\xff\n",
    b"[" * 5_000,
    jsonl(lines(2)),
    jsonl([line("a"), line("a")]),
    jsonl([line("a", body={"store": True}), line("b", body={"temperature": 9})]),
    jsonl(
        [
            {
                "custom_id": "a",
                "method": "POST",
                "url": "/v1/responses",
                "body": {"model": "night", "input": "Hi", "previous_response_id": "RESPONSE"},
            },
            {
                "custom_id": "b",
                "method": "POST",
                "url": "/v1/responses",
                "body": {
                    "model": "night",
                    "input": [{"type": "item_reference", "id": "ITEM"}],
                    "conversation": "CONVERSATION",
                    "background": True,
                },
            },
        ]
    ),
)
DATA = JSONL.replace(b'"file"', b'"data"')
# What a response goes on from.
BEFORE: tuple[dict[str, Any], ...] = (
    {},
    {"conversation": "CONVERSATION"},
    {"conversation": {"id": "CONVERSATION"}},
    {"previous_response_id": "RESPONSE"},
    {"previous_response_id": "RESPONSE", "conversation": "CONVERSATION"},
)
PURPOSES = ("batch", "batch", "batch", "assistants", "evals", "nothing")
EXPIRY = {"anchor": "created_at", "seconds": 1_209_600}
ONES = (
    ("GET", "conversations/CONVERSATION"),
    ("DELETE", "conversations/CONVERSATION"),
    ("GET", "conversations/CONVERSATION/items"),
    ("GET", "conversations/CONVERSATION/items?after=ITEM&limit=1"),
    ("GET", "conversations/CONVERSATION/items/ITEM"),
    ("DELETE", "conversations/CONVERSATION/items/ITEM"),
    ("GET", "responses/RESPONSE"),
    ("GET", "responses/RESPONSE?stream=true&starting_after=1"),
    ("GET", "responses/RESPONSE/input_items"),
    ("GET", "responses/RESPONSE/input_items?after=ITEM&order=asc"),
    ("POST", "responses/RESPONSE/cancel"),
    ("DELETE", "responses/RESPONSE"),
    ("GET", "webhook_endpoints"),
    ("GET", "webhook_endpoints?after=HOOK"),
    ("GET", "webhook_endpoints/HOOK"),
    ("DELETE", "webhook_endpoints/HOOK"),
    ("POST", "webhook_endpoints/HOOK/rotate_secret"),
    ("GET", "chat/completions"),
    ("GET", "chat/completions?after=COMPLETION&metadata[a]=b"),
    ("GET", "chat/completions/COMPLETION"),
    ("GET", "chat/completions/COMPLETION/messages"),
    ("DELETE", "chat/completions/COMPLETION"),
    ("GET", "files"),
    ("GET", "files?after=FILE&limit=1&purpose=batch"),
    ("GET", "files/FILE"),
    ("GET", "files/FILE/content"),
    ("DELETE", "files/FILE"),
    ("POST", "uploads/UPLOAD/cancel"),
    ("GET", "batches"),
    ("GET", "batches?after=BATCH&limit=1"),
    ("GET", "batches/BATCH"),
    ("POST", "batches/BATCH/cancel"),
)

Made = tuple[str, str, Any]


# Made before each run, so that there is something to name.
FIRST: tuple[Made, ...] = (
    ("POST", "conversations", {"items": [USER]}),
    ("POST", "responses", {"model": "gpt-5-mini", "input": "Hi", "conversation": "CONVERSATION"}),
    ("POST", "responses", {"model": "gpt-4o", "input": "Hi", "background": True}),
    ("POST", "chat/completions", {"model": "gpt-4o", "messages": [USER], "store": True}),
    (
        "POST",
        "webhook_endpoints",
        {"name": "a", "url": "http://127.0.0.1:9/", "event_types": ["response.completed"]},
    ),
    ("FORM", "files", (LINES[3], "batch")),
    (
        "POST",
        "batches",
        {"input_file_id": "FILE", "endpoint": "/chat/completions", "completion_window": "24h"},
    ),
    (
        "POST",
        "uploads",
        {"bytes": 3, "filename": "a.jsonl", "mime_type": "text/plain", "purpose": "batch"},
    ),
    ("FORM", "uploads/UPLOAD/parts", (b"{}\n", "")),
)


def _items() -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(ITEMS), max_size=3)


def _response() -> st.SearchStrategy[Made]:
    optional: dict[str, st.SearchStrategy[Any]] = {
        "background": st.booleans(),
        "store": st.sampled_from((True, True, False)),
        "stream": st.booleans(),
        "truncation": st.just("auto"),
        "include": st.just(["reasoning.encrypted_content"]),
    }
    needed: dict[str, st.SearchStrategy[Any]] = {
        "model": st.sampled_from(("gpt-5-mini", "gpt-5-mini", "gpt-4o", "night")),
        "input": _items(),
        "max_output_tokens": st.just(16),
    }
    body = st.tuples(st.fixed_dictionaries(needed, optional=optional), st.sampled_from(BEFORE))
    return st.tuples(st.just("POST"), st.just("responses"), body.map(lambda two: two[0] | two[1]))


def _beside_responses() -> st.SearchStrategy[Made]:
    body = st.fixed_dictionaries(
        {"model": st.just("gpt-5-mini")},
        optional={"input": _items(), "previous_response_id": st.just("RESPONSE")},
    )
    places = st.sampled_from(("responses/compact", "responses/input_tokens"))
    return st.tuples(st.just("POST"), places, body)


def _conversation() -> st.SearchStrategy[Made]:
    with_items = st.fixed_dictionaries(
        {"items": _items()}, optional={"metadata": st.just({"a": "b"})}
    )
    places = ("conversations", "conversations/CONVERSATION/items", "conversations/CONVERSATION")
    return st.tuples(st.just("POST"), st.sampled_from(places), with_items)


def _completion() -> st.SearchStrategy[Made]:
    needed: dict[str, st.SearchStrategy[Any]] = {
        "model": st.just("gpt-4o"),
        "messages": st.just([USER]),
        "max_tokens": st.just(2),
    }
    optional = {"store": st.booleans(), "stream": st.booleans(), "metadata": st.just({"a": "b"})}
    body = st.fixed_dictionaries(needed, optional=optional)
    changed = st.sampled_from(({"metadata": {"a": "c"}}, {"metadata": None}, {}, []))
    return st.tuples(st.just("POST"), st.just("chat/completions"), body) | st.tuples(
        st.just("POST"), st.just("chat/completions/COMPLETION"), changed
    )


def _hook() -> st.SearchStrategy[Made]:
    urls = ("http://127.0.0.1:9/", "http://10.0.0.1/", "http://127.0.0.1:99999/")
    kinds = ["response.completed", "batch.completed", "batch.failed", "response.cancelled"]
    body = st.fixed_dictionaries(
        {"name": st.just("a"), "url": st.sampled_from(urls), "event_types": st.just(kinds)}
    )
    places = st.sampled_from(("webhook_endpoints", "webhook_endpoints/HOOK"))
    trial = st.tuples(
        st.just("POST"), st.just("webhook_endpoints/HOOK/test"), st.just({"event_type": kinds[0]})
    )
    return st.tuples(st.just("POST"), places, body) | trial


def _batch() -> st.SearchStrategy[Made]:
    body = st.fixed_dictionaries(
        {
            "input_file_id": st.just("FILE"),
            "endpoint": st.sampled_from(("/chat/completions", "/v1/responses", "/v1/files")),
            "completion_window": st.just("24h"),
        },
        optional={"output_expires_after": st.just(EXPIRY), "metadata": st.just({"a": "b"})},
    )
    return st.tuples(st.just("POST"), st.just("batches"), body)


def _upload() -> st.SearchStrategy[Made]:
    announced = st.fixed_dictionaries(
        {
            "bytes": st.sampled_from((0, 3, 6)),
            "filename": st.sampled_from(("a.jsonl", "../a", "")),
            "mime_type": st.just("application/jsonl"),
            "purpose": st.sampled_from(PURPOSES),
        },
        optional={"expires_after": st.just(EXPIRY)},
    )
    parts = st.lists(st.just("PART"), max_size=3)
    ends = st.fixed_dictionaries({"part_ids": parts}, optional={"md5": st.just("0" * 32)})
    return st.tuples(st.just("POST"), st.just("uploads"), announced) | st.tuples(
        st.just("POST"), st.just("uploads/UPLOAD/complete"), ends
    )


def _forms() -> st.SearchStrategy[Made]:
    """Uploads of a file, and of a part."""
    file = st.tuples(st.sampled_from(LINES), st.sampled_from(PURPOSES))
    return st.tuples(st.just("FORM"), st.just("files"), file) | st.tuples(
        st.just("FORM"),
        st.just("uploads/UPLOAD/parts"),
        st.tuples(st.just(b"{}\n"), st.just("batch")),
    )


def _calls() -> st.SearchStrategy[Made]:
    """A method, an address and a body; words in capitals stand for ids of that kind."""
    ones = st.sampled_from(ONES).map(lambda one: (*one, None))
    waits = st.sampled_from((1, 50, 100, 3_700, 90_000, 31 * 86_400))
    # What makes things is drawn more often than each single look at them.
    return st.one_of(
        ones, ones, ones, _response(), _response(), _beside_responses(), _conversation(),
        _completion(), _hook(), _batch(), _upload(), _forms(), _forms(),
        st.tuples(st.just("WAIT"), st.just(""), waits),
    )  # fmt: skip


class Run:
    """A run of calls, which names the ids that earlier answers had."""

    def __init__(self, instance: Instance, numbers: list[int]) -> None:
        self.instance = instance
        self._numbers = numbers
        self._named = 0
        self.mixed = False
        self._ids = {word: [f"{prefix}{'0' * 32}"] for word, prefix in PREFIXES.items()}

    async def do(self, made: Made, *, resource: str = "", prefix: str = V1) -> int:
        """Make a call, and return its status; or let time pass."""
        method, path, body = made
        if method == "WAIT":
            self.instance.now += body
            return 200
        headers, content = {"api-key": KEY}, b""
        if method == "FORM":
            headers["content-type"] = "multipart/form-data; boundary=b"
            method, content = "POST", self._filled(_form(path, *body))
        elif body is not None:
            headers["content-type"] = "application/json"
            content = self._filled(_json(body))
        address, _, query = self._filled(path.encode()).decode("utf-8", "replace").partition("?")
        if prefix == DATED:
            query = f"{query}&api-version=2025-04-01-preview".removeprefix("&")
        return await self._ask(
            Request(method, f"{prefix}/{address}", query, headers, content, resource=resource)
        )

    async def _ask(self, request: Request) -> int:
        response = await self.instance.simulator(request)
        body = response.body
        if not isinstance(body, bytes):
            body = b"".join([piece async for piece in body])
        assert response.status < 500, (request, body[:500])
        assert response.status < 400 or b'"message"' in body, (request, body[:500])
        self._learn(body)
        return response.status

    def _learn(self, body: bytes) -> None:
        for word, prefix in PREFIXES.items():
            found = re.findall(rf'"({prefix}[0-9A-Za-z-]{{16,}})"', body.decode("utf-8", "replace"))
            self._ids[word] = [*dict.fromkeys(self._ids[word] + found)][-20:]

    def _filled(self, text: bytes) -> bytes:
        return WORDS.sub(
            lambda found: self._named_id(found[0]), text.decode("utf-8", "surrogateescape")
        ).encode("utf-8", "surrogateescape")

    def _named_id(self, word: str) -> str:
        """An id of the kind, mostly one of the newest; at times one of another kind, or none at all."""
        number = self._numbers[self._named % len(self._numbers)] if self.mixed else 0
        self._named += 1
        ids = self._ids[word]
        if number < 14:
            return ids[-1 - (number // 7) % len(ids)]
        if number < 16:
            return ids[number % len(ids)]
        if number < 18:
            others = [one for kind in self._ids.values() for one in kind]
            return others[(number * 7 + self._named) % len(others)]
        return ODD[self._named % len(ODD)].encode("utf-8", "replace").decode()


def _json(value: object) -> bytes:

    return json.dumps(value).encode()


def _form(path: str, content: bytes, purpose: str) -> bytes:
    if path.endswith("/parts"):
        return DATA + content + b"\r\n--b--\r\n"
    return JSONL + content + PURPOSE.replace(b"batch", purpose.encode())


# Mostly one resource on v1; "west" names what the other one has made.
PLACES = st.sampled_from((("", V1),) * 6 + (("", DATED), ("west", V1)))


@settings(max_examples=25, suppress_health_check=ALL_HEALTH_CHECKS)
@given(
    st.lists(st.tuples(_calls(), PLACES), min_size=10, max_size=30),
    st.lists(st.integers(0, 19), min_size=7, max_size=7),
)
def test_no_order_of_calls_gets_a_5xx(
    several: list[tuple[Made, tuple[str, str]]], numbers: list[int]
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            instance = Instance(Path(folder), deployments=DEPLOYMENTS)
            going = Run(instance, numbers)
            try:
                for made in FIRST:
                    assert await going.do(made) < 300, made
                going.mixed = True
                for made, (resource, prefix) in several:
                    await going.do(made, resource=resource, prefix=prefix)
            finally:
                await instance.simulator.close()

    asyncio.run(run())
