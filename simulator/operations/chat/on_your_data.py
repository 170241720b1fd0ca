"""Answers On Your Data: what chat answers, with the context that a search would have brought.

The shapes are those of Microsoft's documentation and of clients' tests (2024 to 2025): another object
name than chat's, `context` in the message or in a stream's first event, and `end_turn`. No index is
searched: citations name the source's own index.
"""

import itertools
import uuid
from collections.abc import Iterator, Sequence
from typing import cast

from msgspec import Struct
from msgspec.json import encode

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.identity import AnswerIdentity
from simulator.operations.chat.parameters import ChatParameters
from simulator.operations.chat.summary import summary_of
from simulator.operations.chat.wire import answer_body, usage_members
from simulator.wire.sse import DONE, event

_SPACE = uuid.UUID("3d0f3f5e-4f3c-5e0d-9d66-95d1c1d8b0aa")
_DOCUMENTS = 5
"""The documented default of `top_n_documents`, and the most that are shown."""
_LONGEST_INTENT = 500


class DataContext(Struct, frozen=True):
    """The context of an answer, in the members that the source's `include_contexts` names."""

    members: dict[str, object]


def context_of(parameters: ChatParameters) -> DataContext | None:
    """The context of the answer to what the user has asked last, if the request has a data source."""
    if not parameters.data_sources:
        return None
    asked = summary_of(parameters).last_message
    source = cast("dict[str, object]", parameters.data_sources[0]["parameters"])
    name = str(source["index_name"])
    intent = encode([asked[:_LONGEST_INTENT]]).decode()
    wanted = source.get("top_n_documents") or _DOCUMENTS
    count = min(_DOCUMENTS, cast("int", wanted))
    citations = [_citation(name, number) for number in range(1, count + 1)]
    retrieved = [
        {**one, "search_queries": [asked[:_LONGEST_INTENT]], "data_source_index": 0}
        for one in citations
    ]
    members = {
        "citations": citations,
        "intent": intent,
        "all_retrieved_documents": retrieved,
    }
    shown = source.get("include_contexts") or ["citations", "intent"]
    return DataContext({name: members[name] for name in cast("list[str]", shown)})


def _citation(index_name: str, number: int) -> dict[str, object]:
    return {
        "content": f"The simulator searches no index. This stands for document {number} of {index_name}.",
        "title": f"Document {number}",
        "url": None,
        "filepath": f"document-{number}.md",
        "chunk_id": str(number - 1),
    }


def whole_body(
    parameters: ChatParameters,
    identity: AnswerIdentity,
    choices: Sequence[Choice],
    usage: Usage,
    checkpoint: str,
) -> bytes:
    """The body of an answer that is not streamed, with a context if there is one."""
    context = context_of(parameters)
    if context is None:
        return answer_body(identity, choices, usage, checkpoint)
    return data_answer_body(identity, choices, usage, context)


def data_answer_body(
    identity: AnswerIdentity, choices: Sequence[Choice], usage: Usage, context: DataContext
) -> bytes:
    """A plain answer."""
    answers = [
        {
            "index": index,
            "finish_reason": choice.finish_reason,
            "message": {
                "role": "assistant",
                "content": choice.draft.text,
                "end_turn": True,
                "context": context.members,
            },
        }
        for index, choice in enumerate(choices)
    ]
    body = {**_head(identity, "extensions.chat.completion"), "choices": answers}
    return encode({**body, "usage": usage_members(usage), **_tail(identity)})


def data_chunks(
    identity: AnswerIdentity,
    choices: Sequence[Choice],
    context: DataContext,
    *,
    usage: Usage | None,
    tempo: Tempo,
) -> Iterator[Chunk]:
    """The events of a stream: role and context, then the text token by token."""
    events = _Events(identity)
    start = tempo.at(1)
    end = tempo.at(max(choice.draft.tokens for choice in choices))
    opening: dict[str, object] = {"role": "assistant", "context": context.members}
    opened = [Chunk(events.one(index, opening), start) for index in range(len(choices))]
    texts = itertools.chain.from_iterable(
        events.text(index, choice, tempo) for index, choice in enumerate(choices)
    )
    ordered = texts if len(choices) == 1 else iter(sorted(texts, key=lambda chunk: chunk.due))
    closed = [
        Chunk(events.one(index, {}, choice.finish_reason), end)
        for index, choice in enumerate(choices)
    ]
    if usage is not None:
        closed.append(Chunk(events.usage(usage), end))
    return itertools.chain(opened, ordered, closed, [Chunk(DONE, end)])


class _Events:
    """The events of one stream."""

    def __init__(self, identity: AnswerIdentity) -> None:
        self._head = _head(identity, "extensions.chat.completion.chunk")
        self._tail = _tail(identity)

    def one(self, index: int, delta: dict[str, object], finish: str | None = None) -> bytes:
        choice = {
            "index": index,
            "delta": delta,
            "end_turn": finish is not None,
            "finish_reason": finish,
        }
        return event(encode({**self._head, "choices": [choice], **self._tail}))

    def text(self, index: int, choice: Choice, tempo: Tempo) -> Iterator[Chunk]:
        for unit, piece in enumerate(choice.draft.pieces, 1):
            if piece:
                yield Chunk(self.one(index, {"content": piece}), tempo.at(unit))

    def usage(self, usage: Usage) -> bytes:
        members: dict[str, object] = {"choices": [], "usage": usage_members(usage)}
        return event(encode({**self._head, **members, **self._tail}))


def _head(identity: AnswerIdentity, kind: str) -> dict[str, object]:
    return {
        "id": str(uuid.uuid5(_SPACE, identity.id)),
        "model": identity.model.wire_name,
        "created": identity.created,
        "object": kind,
    }


def _tail(identity: AnswerIdentity) -> dict[str, object]:
    return {"system_fingerprint": identity.model.system_fingerprint}
