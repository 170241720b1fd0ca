"""The state of reasoning items: stored, encrypted, or lost."""

import base64
import random
from typing import Any

import openai
import pytest

from simulator.errors import InvalidRequest
from simulator.operations.responses.encrypted_content import EncryptedContent, content_key
from simulator.storage.memory import MemoryContainer
from tests.conftest import Serve
from tests.operations.responses.instances import Instance, function

MODEL = "gpt-5-mini"
ENCRYPTED = ["reasoning.encrypted_content"]
KEPT = " Items are not persisted when `store` is set to false."
USER = {"role": "user", "content": "Hello"}
AGAIN = {"role": "user", "content": "And?"}


async def _turn(instance: Instance, **body: Any) -> list[dict[str, Any]]:
    made = await instance.create(model=MODEL, input="Hello", **body)
    return made["output"]


async def _refused(instance: Instance, items: list[dict[str, Any]], **body: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        await instance.create(model=MODEL, input=items, **body)
    return caught.value


@pytest.mark.parametrize("store", [True, False])
async def test_reasoning_that_is_not_stored_is_not_found(store: bool) -> None:
    instance = Instance()
    reasoning, message = await _turn(instance, store=False)
    items = [USER, {**reasoning, "encrypted_content": None}, message, AGAIN]
    error = await _refused(instance, items, store=store)
    assert error.message.startswith(f"Item with id '{reasoning['id']}' not found.")
    assert (KEPT in error.message) is not store
    assert error.param == "input"


@pytest.mark.parametrize("identifier", ["rs_1", "rs_" + "0" * 48, "rs_" + "0" * 50])
async def test_reasoning_of_nobody_is_not_found(identifier: str) -> None:
    made_up = {"type": "reasoning", "id": identifier, "summary": []}
    error = await _refused(Instance(), [USER, made_up, AGAIN])
    assert error.message == f"Item with id '{identifier}' not found."


@pytest.mark.parametrize("referred", ["none", "reasoning", "message", "both"])
async def test_stored_reasoning_with_its_message_is_taken(referred: str) -> None:
    container = MemoryContainer()
    reasoning, message = await _turn(Instance(container))
    items = [
        {"type": "item_reference", "id": item["id"]} if referred in (kind, "both") else item
        for kind, item in (("reasoning", reasoning), ("message", message))
    ]
    body = await Instance(container).create(model=MODEL, input=[USER, *items, AGAIN])
    assert body["status"] == "completed"


async def test_a_message_without_its_id_still_follows() -> None:
    instance = Instance()
    reasoning, message = await _turn(instance)
    bare = {name: value for name, value in message.items() if name not in ("id", "status")}
    body = await instance.create(model=MODEL, input=[USER, reasoning, bare, AGAIN])
    assert body["status"] == "completed"


@pytest.mark.parametrize("rest", [[], [AGAIN], ["other"]])
async def test_stored_reasoning_without_what_followed_it_is_refused(rest: list[Any]) -> None:
    instance = Instance()
    reasoning, _ = await _turn(instance)
    _, other = await _turn(instance)
    items = [USER, reasoning, *(other if item == "other" else item for item in rest)]
    for first in (reasoning, {"type": "item_reference", "id": reasoning["id"]}):
        items[1] = first
        error = await _refused(instance, items)
        assert error.message == (
            f"Item '{reasoning['id']}' of type 'reasoning' was provided without its required following "
            "item."
        )


async def test_reasoning_before_a_call_needs_the_call() -> None:
    instance = Instance()
    asked = {"tools": [function()], "tool_choice": "required"}
    reasoning, call = await _turn(instance, **asked)
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "rain"}
    body = await instance.create(model=MODEL, input=[USER, reasoning, call, result])
    assert body["status"] == "completed"
    other = {**call, "call_id": "call_x"}
    error = await _refused(
        instance, [USER, reasoning, other, {**result, "call_id": "call_x"}], **asked
    )
    assert "without its required following item" in error.message


async def test_encrypted_reasoning_passes_on_every_instance_of_the_app() -> None:
    reasoning, message = await _turn(Instance(), store=False, include=ENCRYPTED)
    assert reasoning["encrypted_content"].startswith("gAAAAAB")
    items = [USER, reasoning, message, AGAIN]
    body = await Instance().create(model=MODEL, input=items, store=False)
    assert body["status"] == "completed"
    # Neither its message nor its id is needed, since nothing is looked up.
    alone = {name: value for name, value in reasoning.items() if name != "id"}
    assert (await Instance().create(model=MODEL, input=[USER, alone, AGAIN]))["status"]


@pytest.mark.parametrize(
    "content",
    [
        "gAAAAABo" + base64.urlsafe_b64encode(random.Random(1).randbytes(120)).decode(),
        "x",
        "gAAAAABé",
        "A" * 100_000,
    ],
)
async def test_what_nobody_made_cannot_be_verified(content: str) -> None:
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": content}
    error = await _refused(Instance(), [USER, item, AGAIN])
    assert error.message.startswith(
        f"The encrypted content {content[:4]}...{content[-4:]} could not"
    )
    assert error.code == "invalid_encrypted_content"
    assert len(error.message) < 200


async def test_what_another_resource_made_cannot_be_verified() -> None:
    reasoning, message = await _turn(Instance(key=b"other"), include=ENCRYPTED)
    error = await _refused(Instance(), [USER, reasoning, message, AGAIN])
    assert error.code == "invalid_encrypted_content"


def test_a_changed_content_cannot_be_verified() -> None:
    encrypted = EncryptedContent(b"key", "")
    content = encrypted.make(64, 1_785_164_068.25, random.Random(1))
    encrypted.check(content)
    for at in (10, 100, len(content) - 8):
        changed = content[:at] + ("A" if content[at] != "A" else "B") + content[at + 1 :]
        with pytest.raises(InvalidRequest):
            encrypted.check(changed)
    with pytest.raises(InvalidRequest):
        EncryptedContent(b"key", "fleet").check(content)


def test_a_key_follows_from_all_of_its_secrets() -> None:
    keys = {
        content_key("a", "b"),
        content_key("a", "c"),
        content_key("ab", ""),
        content_key("", "ab"),
    }
    assert len(keys) == 4
    assert content_key("a", "b") == content_key("a", "b")


def _go_on(client: openai.OpenAI, first: Any) -> Any:
    items: list[Any] = [USER, *[item.to_dict() for item in first.output], AGAIN]
    return client.responses.create(model=MODEL, store=False, input=items)


def test_the_sdk_goes_on_at_an_app_and_not_at_another_region(serve: Serve) -> None:
    urls = [serve(api_key="k"), serve(api_key="k"), serve(api_key="k", region="Japan East")]
    clients = [openai.OpenAI(base_url=f"{url}/openai/v1", api_key="k") for url in urls]
    first = clients[0].responses.create(
        model=MODEL, input="Hello", store=False, include=["reasoning.encrypted_content"]
    )
    assert _go_on(clients[1], first).status == "completed"
    with pytest.raises(openai.BadRequestError) as caught:
        _go_on(clients[2], first)
    assert caught.value.code == "invalid_encrypted_content"
    for client in clients:
        client.close()


async def test_a_stored_answer_or_call_without_its_reasoning_is_refused() -> None:
    instance = Instance()
    called = await _turn(instance, tools=[function()], tool_choice="required")
    answered = await _turn(instance)
    for reasoning, item in (called, answered):
        result = {
            "type": "function_call_output",
            "call_id": item.get("call_id", ""),
            "output": "rain",
        }
        behind = [result] if item["type"] == "function_call" else [USER]
        for given in (item, {"type": "item_reference", "id": item["id"]}):
            error = await _refused(instance, [USER, given, *behind])
            assert (error.param, error.code) == ("input", None)
            assert error.message == (
                f"Item '{item['id']}' of type '{item['type']}' was provided without its required "
                f"'reasoning' item: '{reasoning['id']}'."
            )
        anonymous = {name: value for name, value in item.items() if name != "id"}
        body = await instance.create(model=MODEL, input=[USER, anonymous, *behind])
        assert body["status"] == "completed"


async def test_what_is_not_stored_or_not_reasoned_about_needs_no_reasoning() -> None:
    instance = Instance()
    _, unstored = await _turn(instance, store=False)
    _, stored = await _turn(instance)
    for model, item in ((MODEL, unstored), ("gpt-4o", stored)):
        body = await instance.create(model=model, input=[USER, item, USER])
        assert body["status"] == "completed"


async def test_an_item_is_given_once() -> None:
    instance = Instance()
    reasoning, message = await _turn(instance)
    twice = await _refused(instance, [USER, reasoning, message, message, USER])
    first = await instance.create(model=MODEL)
    again = await _refused(instance, first["output"], previous_response_id=first["id"])
    assert [error.message.split(". ")[0] for error in (twice, again)] == [
        f"Duplicate item found with id {message['id']}",
        f"Duplicate item found with id {first['output'][0]['id']}",
    ]
