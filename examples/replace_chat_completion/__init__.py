"""Another generator for an operation of the simulator: a chat that repeats what the user said.

EXTENSION_PATH=examples/replace_chat_completion. Requests are still checked, charged to the limits and
answered at the simulator's pace, for only the making of the answer is replaced.
"""

import json
from typing import Any

from simulator.extensions import (
    DONE,
    Answer,
    Call,
    Chunk,
    Extensions,
    Generator,
    Tempo,
    Usage,
    event,
)


async def repeat(original: Generator, call: Call[Any], tempo: Tempo) -> Answer:
    """The simulator's answer, with another text in it."""
    asked = json.loads(call.request.body)
    if asked.get("tools") or asked.get("n", 1) != 1:
        return await original(call, tempo)
    words = f"You said: {last_text(asked['messages'])}".split(" ")
    given = (await original(call, tempo)).usage or Usage(0)
    usage = Usage(given.prompt, len(words))
    if asked.get("stream"):
        return stream(call, words, usage, tempo)
    message = {"role": "assistant", "content": " ".join(words), "refusal": None}
    document = {
        **head(call, "chat.completion"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "total_tokens": usage.total,
        },
    }
    return Answer.plain(json.dumps(document).encode(), usage=usage, due=tempo.at(len(words)))


def stream(call: Call[Any], words: list[str], usage: Usage, tempo: Tempo) -> Answer:
    """A chunk for each word, due when a model as fast as this one would have said it."""
    chunks: list[Chunk] = []

    def add(delta: dict[str, str], finish_reason: str | None, due: float) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        document = {**head(call, "chat.completion.chunk"), "choices": [choice]}
        chunks.append(Chunk(event(json.dumps(document).encode()), due))

    for count, word in enumerate(words):
        role = {} if count else {"role": "assistant"}
        add({**role, "content": f" {word}" if count else word}, None, tempo.at(count + 1))
    end = tempo.at(len(words))
    add({}, "stop", end)
    chunks.append(Chunk(DONE, end))
    return Answer(200, tuple(chunks), "text/event-stream", streamed=True, usage=usage)


def head(call: Call[Any], kind: str) -> dict[str, Any]:
    model = call.model.wire_name
    return {"id": "chatcmpl-repeated", "object": kind, "created": 1_700_000_000, "model": model}


def last_text(messages: list[dict[str, Any]]) -> str:
    content = messages[-1].get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part["text"] for part in content if part["type"] == "text")


def initialize(extensions: Extensions) -> None:
    extensions.wrap_generator("chat_completions", repeat)
