import json
from typing import Any

import pytest

from simulator.errors import ApiError, InvalidRequest, ItemNotFound, VersionNotSupported
from simulator.latency import Tempo
from simulator.messages import Request
from simulator.operations.base import Target
from simulator.operations.responses.store import RETENTION
from simulator.operations.responses.stored import RetrieveResponse
from simulator.storage.memory import MemoryContainer
from tests.operations.responses.instances import NOW, Instance, chunks_of, events_of

# 16 tokens: one after a second, and one each half second after it.
TEMPO = Tempo(1.0, 0.5)
STARTED, FINISHED = 1.0, 8.5


def slow(container: MemoryContainer | None = None) -> Instance:
    return Instance(container, tempo=TEMPO)


async def background(instance: Instance, **more: Any) -> str:
    body = await instance.create(background=True, max_output_tokens=16, **more)
    assert body["status"] == "queued"
    return body["id"]


async def message_of(instance: Instance, verb: str, identifier: str, query: str = "") -> str:
    with pytest.raises(InvalidRequest) as refusal:
        await (
            getattr(instance, verb)(identifier, query)
            if query
            else getattr(instance, verb)(identifier)
        )
    return refusal.value.message


@pytest.mark.parametrize("stream", [False, True])
async def test_a_response_is_got_from_another_instance_as_it_was_answered(stream: bool) -> None:
    container, asked = MemoryContainer(), {"model": "gpt-5", "include": []}
    one, other = Instance(container), Instance(container)
    body = (await one.stream(**asked))[-1]["response"] if stream else await one.create(**asked)
    assert await other.retrieve(body["id"]) == body


@pytest.mark.parametrize("verb", ["retrieve", "delete", "cancel", "items", "replay"])
async def test_an_unknown_id_is_not_found(verb: str) -> None:
    identifier = "resp_" + "0" * 50
    with pytest.raises(ItemNotFound) as refusal:
        await getattr(Instance(), verb)(identifier)
    assert refusal.value.answer().status == 404
    error = {"type": "invalid_request_error", "param": None, "code": None}
    message = {"message": f"Response with id '{identifier}' not found."}
    assert refusal.value.body() == json.dumps({"error": message | error}, indent=2).encode()


LOGPROBS, SOURCES = "message.output_text.logprobs", "web_search_call.action.sources"


@pytest.mark.parametrize("verb", ["retrieve", "items", "replay"])
@pytest.mark.parametrize("name", ["include", "include[]", "include%5B0%5D"])
async def test_the_include_of_a_query_is_checked_as_that_of_a_body(verb: str, name: str) -> None:
    instance = Instance()
    with pytest.raises(InvalidRequest) as of_body:
        await instance.create(include=[LOGPROBS, "everything"])
    identifier = (await instance.create(background=True, stream=False))["id"]
    for query in (f"{name}={LOGPROBS}&{name}=everything", f"{name}={LOGPROBS},everything"):
        with pytest.raises(InvalidRequest) as refusal:
            await getattr(instance, verb)(identifier, query)
        assert refusal.value.body() == of_body.value.body()
        assert refusal.value.param == "include[1]"


@pytest.mark.parametrize(
    "query",
    [f"include[]={LOGPROBS}&include[]={SOURCES}", f"include={LOGPROBS},{SOURCES}", "included=x"],
)
async def test_a_known_include_changes_nothing(query: str) -> None:
    instance = Instance()
    body = await instance.create()
    assert await instance.retrieve(body["id"], query) == body
    assert await instance.items(body["id"], query) == await instance.items(body["id"])


async def test_what_is_no_id_is_refused() -> None:
    assert await message_of(Instance(), "retrieve", "abc") == (
        "Invalid 'response_id': 'abc'. Expected an ID that begins with 'resp'."
    )


def test_an_older_api_version_is_refused() -> None:
    operation = Instance()._retrieve
    assert isinstance(operation, RetrieveResponse)
    with pytest.raises(VersionNotSupported):
        operation.parse(Target(Request("GET", "/"), {"response_id": "resp_1"}, "2024-10-21", None))


async def test_what_was_not_stored_is_not_found() -> None:
    instance = Instance()
    body = await instance.create(store=False)
    with pytest.raises(ItemNotFound):
        await instance.retrieve(body["id"])


async def test_a_response_is_deleted_for_all_instances() -> None:
    container = MemoryContainer()
    one, other = Instance(container), Instance(container)
    identifier = (await one.create())["id"]
    assert await one.delete(identifier) == {
        "id": identifier,
        "object": "response.deleted",
        "deleted": True,
    }
    with pytest.raises(ItemNotFound):
        await other.retrieve(identifier)


async def test_a_response_is_kept_for_thirty_days() -> None:
    instance = Instance()
    identifier = (await instance.create())["id"]
    instance.clock.now = NOW + RETENTION
    await instance.retrieve(identifier)
    instance.clock.now += 1
    with pytest.raises(ItemNotFound):
        await instance.retrieve(identifier)
    with pytest.raises(ApiError, match="Previous response"):
        await instance.create(previous_response_id=identifier)


class TestBackground:
    @pytest.mark.parametrize(
        ("elapsed", "status", "items"),
        [
            (0.0, "queued", 0),
            (STARTED - 0.01, "queued", 0),
            (STARTED, "in_progress", 0),
            (FINISHED - 0.01, "in_progress", 0),
            (FINISHED, "incomplete", 1),
            (3600.0, "incomplete", 1),
        ],
    )
    async def test_its_state_follows_from_the_clock_of_any_instance(
        self, elapsed: float, status: str, items: int
    ) -> None:
        container = MemoryContainer()
        identifier, other = await background(slow(container)), Instance(container)
        other.clock.now = NOW + elapsed
        body = await other.retrieve(identifier)
        assert (body["status"], len(body["output"])) == (status, items)
        assert (body["usage"] is None) == (not items)

    async def test_it_completes(self) -> None:
        instance = slow()
        identifier = (await instance.create(background=True))["id"]
        instance.clock.now += 3600
        body = await instance.retrieve(identifier)
        assert body["status"] == "completed"
        assert NOW < body["completed_at"] < NOW + 3600
        assert body["background"] is True

    @pytest.mark.parametrize("elapsed", [0.0, STARTED])
    async def test_it_is_cancelled_while_it_runs(self, elapsed: float) -> None:
        instance = slow()
        identifier = await background(instance)
        instance.clock.now += elapsed
        cancelled = await instance.cancel(identifier)
        assert (cancelled["status"], cancelled["output"]) == ("cancelled", [])
        instance.clock.now += 3600
        assert await instance.retrieve(identifier) == cancelled
        assert await instance.cancel(identifier) == cancelled

    async def test_what_is_done_cannot_be_cancelled(self) -> None:
        instance = slow()
        identifier = await background(instance)
        instance.clock.now += FINISHED
        assert await message_of(instance, "cancel", identifier) == (
            "Cannot cancel an incomplete response."
        )
        completed = (await instance.create(background=True))["id"]
        instance.clock.now += 3600
        assert await message_of(instance, "cancel", completed) == (
            "Cannot cancel a completed response."
        )

    async def test_what_runs_in_the_foreground_cannot_be_cancelled(self) -> None:
        instance = slow()
        identifier = (await instance.create())["id"]
        assert await message_of(instance, "cancel", identifier) == (
            "Cannot cancel a synchronous response."
        )

    async def test_it_is_deleted_only_when_it_is_done(self) -> None:
        instance = slow()
        identifier = await background(instance)
        assert await message_of(instance, "delete", identifier) == (
            "Cannot delete an in-flight response."
        )
        instance.clock.now += FINISHED
        assert (await instance.delete(identifier))["deleted"] is True

    async def test_what_has_no_output_yet_adds_none_to_a_conversation(self) -> None:
        instance = slow()
        identifier = await background(instance)
        early = await instance.create(previous_response_id=identifier)
        instance.clock.now += FINISHED
        late = await instance.create(previous_response_id=identifier)
        # The output's 16 tokens, its role and three more.
        assert late["usage"]["input_tokens"] - early["usage"]["input_tokens"] == 20


class TestReplay:
    async def test_a_background_stream_begins_queued(self) -> None:
        events = await slow().stream(background=True)
        assert [(event["type"], event["response"]["status"]) for event in events[:3]] == [
            ("response.created", "queued"),
            ("response.queued", "queued"),
            ("response.in_progress", "in_progress"),
        ]

    async def test_its_events_are_sent_again_with_their_numbers(self) -> None:
        instance = slow()
        events = await instance.stream(background=True)
        identifier = events[0]["response"]["id"]
        assert events_of(await instance.replay(identifier)) == events
        assert events_of(await instance.replay(identifier, "starting_after=5")) == events[6:]
        assert events_of(await instance.replay(identifier, "starting_after=999")) == []

    async def test_what_is_not_due_yet_is_waited_for(self) -> None:
        instance = slow()
        asked = {"background": True, "stream": True, "max_output_tokens": 16}
        answer = await instance.answer(asked)
        identifier = events_of(answer)[0]["response"]["id"]
        instance.clock.now += 4.0
        replayed = chunks_of(await instance.replay(identifier))
        assert [chunk.due for chunk in replayed] == [
            max(0.0, chunk.due - 4.0) for chunk in chunks_of(answer)
        ]

    async def test_the_padding_is_left_out_when_asked(self) -> None:
        instance = slow()
        events = await instance.stream(background=True)
        identifier = events[0]["response"]["id"]
        replayed = events_of(await instance.replay(identifier, "include_obfuscation=false"))
        bare = [
            {name: value for name, value in event.items() if name != "obfuscation"}
            for event in events
        ]
        assert replayed == bare

    async def test_a_cancelled_stream_ends_failed(self) -> None:
        instance = slow()
        events = await instance.stream(background=True, max_output_tokens=16)
        identifier = events[0]["response"]["id"]
        instance.clock.now += 2.0
        await instance.cancel(identifier)
        replayed = events_of(await instance.replay(identifier))
        assert replayed[:-1] == events[: len(replayed) - 1]
        assert 3 < len(replayed) < len(events)
        assert replayed[-1]["type"] == "response.failed"
        assert replayed[-1]["sequence_number"] == len(replayed) - 1
        assert replayed[-1]["response"]["status"] == "cancelled"

    @pytest.mark.parametrize(
        ("created", "lacks"),
        [({"stream": True}, "background"), ({}, "background"), ({"background": True}, "stream")],
    )
    async def test_other_responses_are_not_streamed(
        self, created: dict[str, bool], lacks: str
    ) -> None:
        instance = slow()
        events = await instance.stream() if created.get("stream") else None
        identifier = (
            events[0]["response"]["id"] if events else (await instance.create(**created))["id"]
        )
        assert await message_of(instance, "replay", identifier) == (
            f"This response cannot be streamed because it was not created with {lacks}=true."
        )

    async def test_a_bad_number_is_refused(self) -> None:
        assert await message_of(Instance(), "replay", "resp_" + "0" * 50, "starting_after=x") == (
            "Invalid type for 'starting_after': expected an integer, but got a string instead."
        )


class TestInputItems:
    @staticmethod
    async def kept(count: int = 5) -> tuple[Instance, str, list[str]]:
        """An instance, a response on it, and the ids of its input items in their order."""
        instance = Instance()
        items = [{"role": "user", "content": str(number)} for number in range(count)]
        identifier = (await instance.create(input=items))["id"]
        listed = await instance.items(identifier, "order=asc&limit=100")
        return instance, identifier, [item["id"] for item in listed["data"]]

    async def test_a_text_is_shown_as_a_message(self) -> None:
        instance = Instance()
        listed = await instance.items((await instance.create(input="This is a test."))["id"])
        assert listed["data"] == [
            {
                "id": listed["first_id"],
                "type": "message",
                "status": "completed",
                "content": [{"type": "input_text", "text": "This is a test."}],
                "role": "user",
            }
        ]
        assert listed == {
            "object": "list",
            "data": listed["data"],
            "first_id": listed["last_id"],
            "has_more": False,
            "last_id": listed["first_id"],
        }

    async def test_those_of_the_conversation_are_listed_too_newest_first(self) -> None:
        instance = Instance()
        first = await instance.create(input="one")
        second = await instance.create(input="two", previous_response_id=first["id"])
        items = (await instance.items(second["id"]))["data"]
        assert [item["role"] for item in items] == ["user", "assistant", "user"]
        assert [item["content"][0]["text"] for item in items[::2]] == ["two", "one"]

    @pytest.mark.parametrize(
        ("query", "shown", "more"),
        [
            ("order=asc", [0, 1, 2, 3, 4], False),
            ("", [4, 3, 2, 1, 0], False),
            ("order=asc&limit=2", [0, 1], True),
            ("order=asc&limit=2&after={2}", [3, 4], False),
            ("order=asc&limit=1&after={2}", [3], True),
            ("limit=2&after={3}", [2, 1], True),
            ("order=asc&limit=2&before={3}", [1, 2], True),
            ("order=asc&limit=3&before={3}", [0, 1, 2], False),
            ("order=asc&after={0}&before={3}", [1, 2], True),
            ("after={0}", [], False),
        ],
    )
    async def test_pages_are_turned_in_both_directions(
        self, query: str, shown: list[int], more: bool
    ) -> None:
        instance, identifier, ids = await self.kept()
        listed = await instance.items(identifier, query.format(*ids))
        assert [ids.index(item["id"]) for item in listed["data"]] == shown
        assert listed["has_more"] == more
        assert listed["first_id"] == (ids[shown[0]] if shown else None)
        assert listed["last_id"] == (ids[shown[-1]] if shown else None)

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            (
                "limit=0",
                (
                    "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 "
                    "instead."
                ),
            ),
            (
                "limit=101",
                (
                    "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 "
                    "instead."
                ),
            ),
            (
                "limit=x",
                "Invalid type for 'limit': expected an integer, but got a string instead.",
            ),
            ("order=up", "Invalid value: 'up'. Supported values are: 'asc' and 'desc'."),
            ("after=msg_x", "Item with id 'msg_x' not found."),
        ],
    )
    async def test_a_bad_page_is_refused(self, query: str, message: str) -> None:
        instance, identifier, _ = await self.kept(1)
        assert await message_of(instance, "items", identifier, query) == message
