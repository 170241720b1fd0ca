"""One instance of the simulator's Responses API, with a clock that stands still until it is moved."""

import functools
import random
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import structs

from simulator.assembly.budgets import schema_budget
from simulator.catalogue.deployments import Deployments
from simulator.latency import Spread, Tempo
from simulator.messages import Answer, Chunk, Request
from simulator.operations.base import Call, Operation, Target
from simulator.operations.conversations.store import ConversationStore
from simulator.operations.resources import Resources
from simulator.operations.responses.responses import Responses
from simulator.operations.responses.stored import (
    CancelResponse,
    DeleteResponse,
    ResponseInputItems,
    RetrieveResponse,
)
from simulator.storage.container import Container
from simulator.storage.memory import MemoryContainer
from simulator.synthesis.answer_shape import AnswerShape
from simulator.synthesis.drafts import DraftWriter
from simulator.synthesis.filler_text import FillerText
from simulator.tokens.tokenizer import Tokenizer
from tests.support.clock import Clock

NOW = 1_785_164_068.25
MODEL = "gpt-4o"


@functools.cache
def _writer() -> tuple[Tokenizer, DraftWriter]:
    tokenizer = Tokenizer()
    return tokenizer, DraftWriter(FillerText(), tokenizer, schema_budget)


class Instance:
    """Several may share a container, as the instances of an app do; each has its own clock."""

    def __init__(
        self, container: Container | None = None, *, tempo: Tempo | None = None, key: bytes = b"key"
    ) -> None:
        self.clock = Clock(NOW)
        self.tempo = tempo or Tempo(0.0, 0.0)
        self.container = container or MemoryContainer()
        tokenizer, writer = _writer()
        resources = Resources(
            tokenizer=tokenizer,
            writer=writer,
            rng=random.Random(1),
            secrets=random.Random(2),
            now=self.clock,
            clock=self.clock,
            container=self.container,
            content_key=key,
        )
        self.conversations = ConversationStore(self.container, self.clock)
        self.responses = Responses(resources)
        self._retrieve = RetrieveResponse(resources)
        self._delete = DeleteResponse(resources)
        self._cancel = CancelResponse(resources)
        self._items = ResponseInputItems(resources)

    async def answer(self, body: Mapping[str, Any], *, version: str = "") -> Answer:
        """To a request for a response, of gpt-4o to an "hi" unless the body says otherwise."""
        asked = {"model": MODEL, "input": "hi", **body}
        deployment = Deployments().get(asked["model"])
        request = Request("POST", "/openai/v1/responses", body=msgspec.json.encode(asked))
        target = Target(request, {}, version, deployment)
        parsed = self.responses.parse(target)
        call = Call(request, {}, version, deployment, self.responses, parsed)
        call = structs.replace(call, shape=AnswerShape(Spread(20), full=True))
        return await self.responses.generate(call, self.tempo)

    async def create(self, **body: Any) -> dict[str, Any]:
        return body_of(await self.answer(body))

    async def stream(self, **body: Any) -> list[dict[str, Any]]:
        return events_of(await self.answer({**body, "stream": True}))

    async def retrieve(self, identifier: str, query: str = "") -> dict[str, Any]:
        return body_of(await self._on(self._retrieve, identifier, query))

    async def replay(self, identifier: str, query: str = "") -> Answer:
        return await self._on(self._retrieve, identifier, f"stream=true&{query}")

    async def items(self, identifier: str, query: str = "") -> dict[str, Any]:
        return body_of(await self._on(self._items, identifier, query))

    async def cancel(self, identifier: str) -> dict[str, Any]:
        return body_of(await self._on(self._cancel, identifier))

    async def delete(self, identifier: str) -> dict[str, Any]:
        return body_of(await self._on(self._delete, identifier))

    async def _on(self, operation: Operation[Any], identifier: str, query: str = "") -> Answer:
        request = Request("GET", f"/openai/v1/responses/{identifier}", query)
        parameters = {"response_id": identifier}
        target = Target(request, parameters, "", None)
        call = Call(request, parameters, "", None, operation, operation.parse(target))
        return await operation.generate(call, self.tempo)


def chunks_of(answer: Answer) -> tuple[Chunk, ...]:
    assert isinstance(answer.chunks, tuple)
    return answer.chunks


def body_of(answer: Answer) -> dict[str, Any]:
    return msgspec.json.decode(chunks_of(answer)[0].data)


def events_of(answer: Answer) -> list[dict[str, Any]]:
    """The data of each event; its name must be its type."""
    events: list[dict[str, Any]] = []
    for chunk in chunks_of(answer):
        name, data, *rest = chunk.data.decode().split("\n")
        events.append(msgspec.json.decode(data.removeprefix("data: ")))
        assert name == f"event: {events[-1]['type']}"
        assert rest == ["", ""]
    return events


def function(name: str = "weather", **more: Any) -> dict[str, Any]:
    """A function tool with one parameter, a location."""
    return {
        "type": "function",
        "name": name,
        "parameters": {
            "type": "object",
            "properties": {"location": {"type": "string"}},
            "required": ["location"],
            "additionalProperties": False,
        },
        "strict": True,
        **more,
    }
