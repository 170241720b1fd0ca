"""Makes of a chat completion what is stored of it."""

from typing import cast

import msgspec
from msgspec import Raw, Struct

from simulator.concurrency import off_loop
from simulator.content_filter.answers import filtered
from simulator.messages import Answer, Chunk
from simulator.operations.base import Call, P
from simulator.operations.chat.messages import ImagePart
from simulator.operations.chat.parameters import ChatParameters
from simulator.operations.resources import Resources
from simulator.operations.stored_chat.store import MOST_BYTES, CompletionStore, StoredCompletion


class _Request(Struct):
    """The members of a request that are shown as they came."""

    messages: list[dict[str, object]]
    tools: object = None
    tool_choice: object = None
    response_format: object = None


_REQUEST = msgspec.json.Decoder(_Request)
_ANSWER = msgspec.json.Decoder(dict[str, object])


class ChatRecorder:
    """Stores completions as their clients read them."""

    def __init__(self, resources: Resources) -> None:
        self._store = CompletionStore(resources.container, resources.now)

    async def keep(self, call: Call[P], parameters: ChatParameters, body: bytes) -> None:
        """Store the completion of a call, whose answer has that body unless it is filtered. One that is
        too large is not read for it."""
        size = len(call.request.body) + len(body)
        if size > MOST_BYTES:
            return
        if call.screening is not None:
            passed = await filtered(Answer.plain(body), call.screening, "text")
            body = b"".join([chunk.data for chunk in cast("tuple[Chunk, ...]", passed.chunks)])
        deployment = call.deployment.name if call.deployment else ""
        request = call.request.body
        stored = await off_loop(
            size, lambda: stored_completion(request, parameters, body, deployment)
        )
        await self._store.keep(call.request.resource, stored)


def stored_completion(
    request: bytes, parameters: ChatParameters, answer: bytes, deployment: str
) -> StoredCompletion:
    """The completion of a request, which has been checked; `answer` is its plain body."""
    asked, body = _REQUEST.decode(request), _ANSWER.decode(answer)
    identifier = cast("str", body["id"])
    messages = [
        msgspec.json.encode(_message(f"{identifier}-{index}", message))
        for index, message in enumerate(asked.messages)
    ]
    return StoredCompletion(
        id=identifier,
        created=cast("int", body["created"]),
        deployment=deployment,
        model=cast("str", body["model"]),
        body=Raw(msgspec.json.encode({**body, **_echo(asked, parameters)})),
        messages=[Raw(message) for message in messages],
        metadata=parameters.metadata or {},
    )


def _echo(asked: _Request, parameters: ChatParameters) -> dict[str, object]:
    """The members of the request that a stored completion shows beside its answer."""
    return {
        "seed": parameters.seed,
        "top_p": 1.0 if parameters.top_p is None else parameters.top_p,
        "temperature": 1.0 if parameters.temperature is None else parameters.temperature,
        "presence_penalty": parameters.presence_penalty or 0.0,
        "frequency_penalty": parameters.frequency_penalty or 0.0,
        "input_user": parameters.user,
        "tools": asked.tools,
        "tool_choice": asked.tool_choice,
        "response_format": asked.response_format,
    }


def _message(identifier: str, message: dict[str, object]) -> dict[str, object]:
    """A message as OpenAI's reference shows it: with an id, and parts beside the text."""
    content = message.get("content")
    parts = cast("list[object]", content) if isinstance(content, list) else None
    shown = {"id": identifier, "name": None, **message}
    return {**shown, "content": None if parts else content, "content_parts": parts}


def is_stored(parameters: ChatParameters) -> bool:
    """Return True for a completion to be stored. The service stores none with images within the request
    (reported by users of Azure, 2025-10)."""
    if not parameters.store:
        return False
    contents = [message.content for message in parameters.messages]
    images = [
        part.image_url.url
        for content in contents
        if content is not None and not isinstance(content, str)
        for part in content
        if isinstance(part, ImagePart)
    ]
    return not any(url.startswith("data:") for url in images)
