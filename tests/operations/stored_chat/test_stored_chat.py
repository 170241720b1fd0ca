"""Chat completions that are stored, as clients of the API use them."""

import base64
import random
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import openai
import pytest
from msgspec import Raw
from openai.types.chat import ChatCompletion, ChatCompletionStoreMessage

from simulator.errors import ItemNotFound, Unavailable
from simulator.operations.stored_chat.store import (
    MOST_BYTES,
    MOST_PAGE_BYTES,
    MOST_READ,
    RETENTION,
    CompletionStore,
    Filter,
    StoredCompletion,
)
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from simulator.wire import ids
from soak.seeds import png
from tests.conftest import KEY, served
from tests.support.clock import Clock
from tests.support.route_clients import client_on, strictly

NOW = 1_785_164_068.25
MESSAGES: list[Any] = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "text", "text": "you"}]},
]
UNKNOWN = "chatcmpl-" + "0" * 29
IMAGE = {
    "type": "image_url",
    "image_url": {"url": "data:image/png;base64," + base64.b64encode(png()).decode()},
}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with served({}) as url:
        yield url


@pytest.fixture(params=["v1", "2025-03-01-preview"])
def chats(host: str, request: pytest.FixtureRequest) -> Iterator[openai.OpenAI]:
    """A client of the v1 routes, and one of the dated ones."""
    if request.param == "v1":
        client = client_on("v1", host)
    else:
        client = openai.AzureOpenAI(
            azure_endpoint=host, api_key=KEY, api_version=request.param, max_retries=0
        )
    with client:
        yield client


def ask(client: openai.OpenAI, **more: Any) -> Any:
    asked: dict[str, Any] = {"model": "gpt-4o", "messages": MESSAGES, "store": True} | more
    return client.chat.completions.create(**asked)


def test_a_completion_is_stored_got_changed_and_deleted(chats: openai.OpenAI) -> None:
    made = ask(chats, metadata={"a": "b"}, temperature=0.5, seed=7)
    found: Any = chats.chat.completions.retrieve(made.id)
    strictly(found)
    assert (found.choices[0].message.content, found.usage) == (
        made.choices[0].message.content,
        made.usage,
    )
    assert (found.metadata, found.temperature, found.seed) == ({"a": "b"}, 0.5, 7)
    changed: Any = chats.chat.completions.update(made.id, metadata={"c": "d"})
    strictly(changed)
    assert changed.metadata == {"c": "d"}
    assert chats.chat.completions.retrieve(made.id) == changed
    deleted = chats.chat.completions.delete(made.id)
    strictly(deleted)
    assert (deleted.id, deleted.deleted) == (made.id, True)
    with pytest.raises(openai.NotFoundError) as refusal:
        chats.chat.completions.delete(made.id)
    assert refusal.value.body == {
        "message": f"No chat completion found with id '{made.id}'.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def test_its_messages_are_listed(chats: openai.OpenAI) -> None:
    made = ask(chats)
    listed: list[Any] = list(chats.chat.completions.messages.list(made.id, limit=1))
    assert [message.id for message in listed] == [f"{made.id}-0", f"{made.id}-1"]
    assert [message.role for message in listed] == ["system", "user"]
    assert [message.content for message in listed] == ["Be kind.", None]
    assert [part.text for part in listed[1].content_parts] == ["Hi", "you"]
    # The package has the role of the assistant alone.
    shown = listed[1].to_dict(warnings=False) | {"role": "assistant"}
    ChatCompletionStoreMessage.model_validate(shown, strict=True)


def test_a_stream_is_stored_as_a_whole(chats: openai.OpenAI) -> None:
    chunks = list(ask(chats, stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks[1:] if chunk.choices)
    found = chats.chat.completions.retrieve(chunks[-1].id)
    assert found.choices[0].message.content == text


def test_they_are_listed_by_model_and_metadata(chats: openai.OpenAI) -> None:
    mark = f"{random.random()}"
    made = [ask(chats, metadata={"mark": mark, "number": str(number)}).id for number in range(3)]
    other = ask(chats, model="gpt-4o-mini", metadata={"mark": mark}).id

    def listed(**more: Any) -> list[str]:
        page = chats.chat.completions.list(metadata={"mark": mark}, **more)
        strictly(page)
        return [each.id for each in page]

    assert sorted(listed(limit=2)) == sorted([*made, other])
    assert listed() == sorted([*made, other])
    assert listed(order="desc", limit=1) == listed()[::-1]
    assert listed(model="gpt-4o-mini") == [other]
    assert [
        each.id for each in chats.chat.completions.list(metadata={"mark": mark, "number": "1"})
    ] == made[1:2]
    for one in [*made, other]:
        chats.chat.completions.delete(one)
    assert listed() == []


@pytest.mark.parametrize(
    "more",
    [{"store": False}, {"store": None}, {"messages": [{"role": "user", "content": [IMAGE]}]}],
)
def test_what_is_not_stored_is_not_found(chats: openai.OpenAI, more: dict[str, Any]) -> None:
    made = ask(chats, **more)
    with pytest.raises(openai.NotFoundError):
        chats.chat.completions.retrieve(made.id)


def test_what_a_rule_answers_and_the_filter_cuts_is_stored_as_it_was_read(host: str) -> None:
    cut = {"violence": "medium", "at": "two"}
    rules = [{"name": "cut", "reply": "one two three", "filter": {"completion": cut}}]
    headers = {"api-key": KEY}
    with httpx2.Client(base_url=host, headers=headers) as http:
        body = {"model": "gpt-4o", "messages": MESSAGES, "store": True}
        assert http.put("/++/rules", json={"rules": rules}).status_code == 200
        try:
            made = http.post("/openai/v1/chat/completions", json=body).json()
            found = http.get(f"/openai/v1/chat/completions/{made['id']}").json()
        finally:
            http.delete("/++/rules")
    assert made["choices"][0]["finish_reason"] == "content_filter"
    assert found["choices"] == made["choices"]


@pytest.mark.parametrize("below", ["", "/messages"])
@pytest.mark.parametrize(
    "identifier", [UNKNOWN, "x", "chatcmpl-é" + "0" * 28, "chatcmpl-" + "z" * 29]
)
def test_an_unknown_completion_is_not_found(
    http: httpx2.Client, identifier: str, below: str
) -> None:
    answer = http.get(f"/openai/v1/chat/completions/{identifier}{below}")
    assert answer.status_code == 404
    message = f"No chat completion found with id '{identifier}'."
    assert answer.json()["error"]["message"] == message


@pytest.mark.parametrize(
    ("param", "body"),
    [
        ("metadata", {}),
        ("metadata.a", {"metadata": {"a": 1}}),
        (f"metadata.{'a' * 65}", {"metadata": {"a" * 65: "b"}}),
        (None, {"metadata": {}, "colour": 1}),
    ],
)
def test_a_bad_change_is_refused(
    http: httpx2.Client, param: str | None, body: dict[str, Any]
) -> None:
    answer = http.post(f"/openai/v1/chat/completions/{UNKNOWN}", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "order=up"])
def test_a_bad_page_is_refused(http: httpx2.Client, query: str) -> None:
    answer = http.get(f"/openai/v1/chat/completions?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, query.split("=")[0])


def test_metadata_of_what_is_not_stored_are_refused(chats: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refusal:
        ask(chats, store=False, metadata={"a": "b"})
    assert refusal.value.param == "metadata"


_RNG = random.Random(5)


def completion(second: float, size: int = 2, **metadata: str) -> StoredCompletion:
    return StoredCompletion(
        id=ids.chat(_RNG, second),
        created=int(second),
        deployment="chat",
        model="gpt-4o",
        body=Raw(msgspec.json.encode({"text": "x" * size})),
        messages=[],
        metadata=metadata,
    )


async def listed(store: CompletionStore, resource: str = "", **more: Any) -> list[str]:
    options: dict[str, Any] = {"after": "", "descending": False} | more
    limit = options.pop("limit", 100)
    wanted = options.pop("wanted", Filter("", {}))
    page = await store.page(resource, wanted, limit, **options)
    return [one.id for one in page.completions]


async def test_completions_of_days_and_resources_are_listed_in_their_order() -> None:
    store = CompletionStore(MemoryContainer(), Clock(NOW + 40_000 * 9))
    made = [completion(NOW + 40_000 * number) for number in range(9)]
    for number, one in enumerate(made):
        await store.keep("west" if number % 2 else "", one)
    west = [one.id for one in made[1::2]]
    assert await listed(store, "west") == west
    assert await listed(store, "west", after=west[1]) == west[2:]
    assert await listed(store, "west", after=west[2], descending=True) == west[1::-1]
    with pytest.raises(ItemNotFound):
        await store.get("west", made[0].id)


async def test_a_completion_is_kept_for_thirty_days() -> None:
    clock = Clock(NOW)
    store, made = CompletionStore(MemoryContainer(), clock), completion(NOW)
    await store.keep("", made)
    clock.now = int(NOW) + RETENTION
    assert await store.get("", made.id) == made
    clock.now += 1
    assert await listed(store) == []
    with pytest.raises(ItemNotFound):
        await store.get("", made.id)


async def test_one_that_is_too_large_is_not_stored() -> None:
    store = CompletionStore(MemoryContainer(), Clock(NOW))
    await store.keep("", completion(NOW, MOST_BYTES))
    assert await listed(store) == []


@pytest.mark.parametrize("descending", [False, True])
async def test_a_bounded_number_is_read_for_a_page(descending: bool) -> None:
    store = CompletionStore(MemoryContainer(), Clock(NOW + 1_000))
    made = [completion(NOW + number) for number in range(MOST_READ + 2)]
    last = made[0 if descending else -1]
    for one in [*made, rare := completion(float(last.created), rare="yes")]:
        await store.keep("", one)
    wanted = Filter("", {"rare": "yes"})
    page = await store.page("", wanted, 1, after="", descending=descending)
    assert (page.completions, page.more) == ([], True)
    near = made[3 if descending else -4].id
    assert await listed(store, wanted=wanted, after=near, descending=descending) == [rare.id]


async def test_the_bytes_of_a_page_are_bounded() -> None:
    store = CompletionStore(MemoryContainer(), Clock(NOW + 1_000))
    size = MOST_BYTES // 2
    made = [completion(NOW + number, size) for number in range(MOST_PAGE_BYTES // size + 3)]
    for one in made:
        await store.keep("", one)
    page = await store.page("", Filter("", {}), 100, after="", descending=False)
    assert page.more
    assert len(page.completions) == MOST_PAGE_BYTES // size
    rest = await listed(store, after=page.completions[-1].id)
    assert [*[one.id for one in page.completions], *rest] == [one.id for one in made]


def test_a_completion_with_a_large_prompt_is_not_stored(http: httpx2.Client) -> None:
    parts = [{"type": "text", "text": " " * 2**20}] * 4
    messages = [{"role": "user", "content": parts}]
    body = {"model": "gpt-4.1", "messages": messages, "store": True, "max_tokens": 2}
    made = http.post("/openai/v1/chat/completions", json=body, timeout=60).json()
    assert http.get(f"/openai/v1/chat/completions/{made['id']}").status_code == 404


class Broken(MemoryContainer):
    async def get(self, name: str) -> Any:
        raise StorageError(name)

    async def put(self, name: str, data: bytes) -> None:
        raise StorageError(name)

    def names(self, prefix: str = "") -> Any:
        raise StorageError(prefix)


async def test_a_container_that_fails_is_reported() -> None:
    store, made = CompletionStore(Broken(), Clock(NOW)), completion(NOW)
    for work in (store.keep("", made), store.get("", made.id), listed(store)):
        with pytest.raises(Unavailable):
            await work


def test_the_type_of_the_package_holds_for_what_is_stored(http: httpx2.Client) -> None:
    body = {"model": "gpt-4o", "messages": MESSAGES, "store": True}
    made = http.post("/openai/v1/chat/completions", json=body).json()
    found = http.get(f"/openai/v1/chat/completions/{made['id']}").content
    ChatCompletion.model_validate_json(found, strict=True)
