"""Requests to every operation in every family of routes, good ones and bad ones."""

import base64
import io
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
from PIL import Image

from tests.conftest import KEY
from tests.openapi.amendments import DATED, NEWER, V1
from tests.support.audio_files import silence

DEPLOYMENTS = "/deployments/{deployment-id}"
ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "price": {"type": "number"}},
    "required": ["name", "price"],
    "additionalProperties": False,
}
FUNCTION = {"name": "get_price", "description": "The price of an item", "parameters": ITEM}
ASK = [{"role": "user", "content": "What is the price of a lamp?"}]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A request; `document` and `place` (a path of the document) say what its answer must be like."""

    name: str
    document: str
    place: str
    status: int = 200
    model: str = "gpt-4o"
    body: Any = None
    method: str = "POST"
    files: dict[str, Any] | None = None
    key: str | None = KEY
    family: str = ""
    """The family of the route, where its own document does not have the operation."""
    parameters: dict[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        return f"{self.route} {self.method} {self.place} {self.status}: {self.name}"

    @property
    def route(self) -> str:
        return self.family or self.document

    def request(self, kept: str) -> httpx2.Request:
        """The request; `kept` is the id of a response that the simulator has."""
        place = self.place.replace("{response_id}", self.parameters.get("response_id", kept))
        place = place.replace("{model}", self.parameters.get("model", ""))
        query: dict[str, str] = {}
        body: Any = self.body
        if self.route == V1:
            path = "/openai/v1" + place.removeprefix(DEPLOYMENTS)
            if isinstance(body, dict):
                body = cast("Any", {"model": self.model, **body})
        else:
            path = "/openai" + place.replace("{deployment-id}", self.model)
            query = {"api-version": self.route}
            if isinstance(body, dict) and not place.startswith("/deployments"):
                body = cast("Any", {"model": self.model, **body})
        headers = {} if self.key is None else {"api-key": self.key}
        encoded: dict[str, Any] = {"json": body}
        if self.files is not None:
            encoded = {"data": body, "files": self.files}
        elif isinstance(body, bytes):
            encoded = {"content": body}
        return httpx2.Request(
            self.method, f"http://test{path}", params=query, headers=headers, **encoded
        )


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32)).save(file, "PNG")
    return file.getvalue()


PICTURE = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
SCHEMA = {"type": "json_schema", "json_schema": {"name": "item", "schema": ITEM, "strict": True}}
CALLED = [
    *ASK,
    {
        "role": "assistant",
        "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "get_price", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c", "content": "12"},
]
TOOLS = [{"type": "function", "function": FUNCTION}]
CHAT: dict[str, dict[str, Any]] = {
    "text": {},
    "choices with log probabilities": {"n": 2, "logprobs": True, "top_logprobs": 2},
    "json": {"response_format": SCHEMA},
    "calls": {"tools": TOOLS},
    "a legacy call": {"functions": [FUNCTION], "function_call": {"name": "get_price"}},
    "an answer after a call": {"messages": CALLED, "tools": TOOLS},
    "an answer that is cut": {"max_tokens": 3, "stop": "x", "seed": 1, "temperature": 0},
    "an image": {
        "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]}
        ]
    },
    "a stream": {"stream": True, "stream_options": {"include_usage": True}, "max_tokens": 4},
    "a stream of calls": {"stream": True, "tools": TOOLS, "max_tokens": 20},
    "a stream with log probabilities": {"stream": True, "logprobs": True, "n": 2, "max_tokens": 4},
}
BAD_CHAT: dict[str, Any] = {
    "no messages": {"messages": None},
    "an unknown parameter": {"nonsense": 1},
    "a value out of range": {"temperature": 3},
    "too long an answer": {"max_tokens": 10_000_000},
    "no JSON": b"{",
}
COMPLETIONS: dict[str, dict[str, Any]] = {
    "text": {},
    "choices": {"prompt": ["a", "b"], "n": 2, "logprobs": 2},
    "an echo": {"prompt": ["a", "b"], "n": 2, "echo": True},
    "a stream": {"stream": True, "stream_options": {"include_usage": True}},
}
EMBEDDINGS: dict[str, dict[str, Any]] = {
    "vectors": {"input": ["a", "b"], "dimensions": 8},
    "base64": {"input": [[1, 2]], "dimensions": 8, "encoding_format": "base64"},
}
FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
FLAT = {"type": "function", "strict": True, **FUNCTION}
RESPONSES: dict[str, dict[str, Any]] = {
    "text": {},
    "reasoning": {
        "model": "gpt-5",
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    },
    "calls": {"tools": [FLAT]},
    "json": {"text": {"format": {"type": "json_schema", "name": "item", "schema": ITEM}}},
    "an answer that is cut": {"max_output_tokens": 16, "metadata": {"a": "b"}},
    "log probabilities": {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
    "a background response": {"background": True},
    "many parameters": {
        "instructions": "Be brief.",
        "temperature": 0.5,
        "truncation": "auto",
        "user": "me",
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "tools": [FLAT, {"type": "web_search_preview"}],
    },
    "a stream": {"stream": True, "max_output_tokens": 16},
    "a stream of reasoning": {
        "model": "gpt-5",
        "stream": True,
        "max_output_tokens": 80,
        "reasoning": {"effort": "low", "summary": "auto"},
    },
    "a stream of calls": {"stream": True, "tools": [FLAT]},
}
# What came after 2025-03-01-preview.
LATER = {"a background response", "many parameters", "a stream of reasoning"}
BAD_RESPONSES: dict[str, dict[str, Any]] = {
    "an unknown parameter": {"nonsense": 1},
    "a parameter of chat": {"max_tokens": 3},
    "too short an answer": {"max_output_tokens": 1},
    "an unknown response before": {"previous_response_id": "resp_" + "0" * 50},
}


UNKNOWN = {"response_id": "resp_" + "0" * 50}


def _chat(family: str) -> list[Sample]:
    place = "/chat/completions" if family == V1 else f"{DEPLOYMENTS}/chat/completions"
    made = [
        Sample(name, family, place, body={"messages": ASK, **body}) for name, body in CHAT.items()
    ]
    made.append(
        Sample(
            "reasoning",
            family,
            place,
            model="gpt-5-mini",
            body={"messages": ASK, "reasoning_effort": "low"},
        )
    )
    for name, body in BAD_CHAT.items():
        whole = body if isinstance(body, bytes) else {"messages": ASK, **body}
        if family == V1 and isinstance(body, bytes):
            continue
        made.append(Sample(name, family, place, 400, body=whole))
    body = {"messages": ASK}
    made += [
        Sample("a model that does not chat", family, place, 400, "text-embedding-3-small", body),
        Sample("a wrong key", family, place, 401, body=body, key="wrong"),
        Sample("no key", family, place, 401, body=body, key=None),
    ]
    return made


def _completions(family: str) -> list[Sample]:
    document = NEWER if family == V1 else family
    made = [
        Sample(
            name,
            document,
            f"{DEPLOYMENTS}/completions",
            model="gpt-3.5-turbo-instruct",
            body={"prompt": "Once", **body},
            family=family,
        )
        for name, body in COMPLETIONS.items()
    ]
    bad = Sample(
        "a bad count",
        document,
        f"{DEPLOYMENTS}/completions",
        400,
        "gpt-3.5-turbo-instruct",
        {"prompt": "Once", "n": 0},
        family=family,
    )
    return [*made, bad]


def _embeddings(family: str) -> list[Sample]:
    place = "/embeddings" if family == V1 else f"{DEPLOYMENTS}/embeddings"
    model = "text-embedding-3-small"
    made = [Sample(name, family, place, 200, model, body) for name, body in EMBEDDINGS.items()]
    return [*made, Sample("no input", family, place, 400, model, {"input": []})]


def _audio(family: str) -> list[Sample]:
    document = NEWER if family == V1 else family
    made: list[Sample] = []
    for task in ("transcriptions", "translations"):
        place = f"{DEPLOYMENTS}/audio/{task}"
        named = {"model": "my-whisper"} if family == V1 else {}
        made += [
            Sample(
                layout,
                document,
                place,
                model="my-whisper",
                body={**named, "response_format": layout},
                files={"file": ("a.wav", silence(20))},
                family=family,
            )
            for layout in FORMATS
        ]
    return made


def _images(family: str) -> list[Sample]:
    document, place = NEWER if family == V1 else family, f"{DEPLOYMENTS}/images/generations"
    bodies: dict[str, dict[str, Any]] = {"a url": {}, "base64": {"response_format": "b64_json"}}
    made = [
        Sample(name, document, place, 200, "my-dall-e-3", {"prompt": "a", **body}, family=family)
        for name, body in bodies.items()
    ]
    bad = {"prompt": "a", "size": "1x1"}
    return [*made, Sample("a bad size", document, place, 400, "my-dall-e-3", bad, family=family)]


def _responses(family: str) -> list[Sample]:
    made = [
        Sample(name, family, "/responses", body={"input": "The price of a lamp?", **body})
        for name, body in RESPONSES.items()
        if family == V1 or name not in LATER
    ]
    for name, body in BAD_RESPONSES.items():
        made.append(Sample(name, family, "/responses", 400, body={"input": "hi", **body}))
    for method, place in (
        ("GET", "/responses/{response_id}"),
        ("GET", "/responses/{response_id}/input_items"),
        ("DELETE", "/responses/{response_id}"),
    ):
        # What a deletion answers was put into the document later.
        document = V1 if method == "DELETE" else family
        made.append(Sample("what is kept", document, place, method=method, family=family))
        made.append(Sample("what is not", family, place, 404, method=method, parameters=UNKNOWN))
    return made


def _models() -> list[Sample]:
    return [
        Sample("all", V1, "/models", method="GET"),
        Sample("one", V1, "/models/{model}", method="GET", parameters={"model": "gpt-4o"}),
        Sample("none", V1, "/models/{model}", 404, method="GET", parameters={"model": "x"}),
    ]


# Operations that none of the documents has.
UNDOCUMENTED = {
    "audio/speech": "its bodies are sound; its events are in OpenAI's document alone",
    "images/edits": "came with 2025-04-01-preview",
    "responses/{response_id}/cancel": "in OpenAI's document alone; it answers with a response",
    "chat/completions/{completion_id}": "as compact; tests/operations/stored_chat has the types",
    "chat/completions/{completion_id}/messages": "as compact",
    "openai/chat/completions": "as compact",
    "v1/chat/completions": "of the list that a GET answers with, as compact",
    "webhook_endpoints": "as compact; tests/operations/webhooks has the types",
    "webhook_endpoints/{webhook_endpoint_id}": "as compact",
    "webhook_endpoints/{webhook_endpoint_id}/rotate_secret": "as compact",
    "webhook_endpoints/{webhook_endpoint_id}/test": "as compact",
    "webhook_event_types": "as compact",
    "v1/conversations": "as compact",
    "conversations/{conversation_id}": "as compact",
    "conversations/{conversation_id}/items": "as compact",
    "conversations/{conversation_id}/items/{item_id}": "as compact",
    "/files": "the extracts have no files; tests/operations/files has the types of openai's client",
    "files/{file_id}": "as the list",
    "files/{file_id}/content": "as the list",
    "/uploads": "the extracts do not have it; tests/operations/uploads has the types of the client",
    "uploads/{upload_id}/parts": "as uploads",
    "uploads/{upload_id}/complete": "as uploads",
    "uploads/{upload_id}/cancel": "as uploads",
    "/batches": "the documents have no batches; tests/operations/batches has the types of the client",
    "batches/{batch_id}": "as the list",
    "batches/{batch_id}/cancel": "as the list",
    "responses/compact": "the extracts do not have it; tests/operations/responses has the types",
    "responses/input_tokens": "as compact",
    "openai/models": "in the document of the authoring API, of which Microsoft shows an example",
    "openai/models/{model}": "as the list",
}

SAMPLES: tuple[Sample, ...] = (
    *(sample for family in (DATED, NEWER, V1) for sample in _chat(family)),
    *(sample for family in (DATED, NEWER, V1) for sample in _completions(family)),
    *(sample for family in (DATED, NEWER, V1) for sample in _embeddings(family)),
    *(sample for family in (DATED, NEWER, V1) for sample in _audio(family)),
    *(sample for family in (DATED, NEWER, V1) for sample in _images(family)),
    *(sample for family in (NEWER, V1) for sample in _responses(family)),
    *_models(),
)
