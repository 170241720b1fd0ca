"""A good request for each operation of the API, and for the simulator's own routes that take a body."""

import base64
import io
import struct
import wave
import zlib
from dataclasses import dataclass
from typing import Any

DATED = "?api-version=2025-04-01-preview"
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "pattern": "^[a-z]{1,5}$"},
        "b": {"type": "array", "items": {"$ref": "#/$defs/n"}, "minItems": 1, "maxItems": 3},
        "c": {"anyOf": [{"type": "integer", "minimum": 0}, {"enum": ["x", "y"]}, {"type": "null"}]},
    },
    "required": ["a", "b", "c"],
    "additionalProperties": False,
    "$defs": {"n": {"type": "number", "exclusiveMinimum": 1}},
}
_TOOL: dict[str, Any] = {"name": "f", "description": "d", "parameters": _SCHEMA}
_GPT, _V1 = "/openai/deployments/gpt-4o/", "/openai/v1/"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form; a file if it has a `filename`."""

    name: str
    data: bytes
    filename: str | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """A request: a JSON body, a form, or none."""

    operation: str
    method: str
    path: str
    body: dict[str, Any] | tuple[Part, ...] | None = None


def png(side: int = 16) -> bytes:
    rows = (b"\x00" + b"\x80" * side * 3) * side
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    written = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def wav() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(1)
        writer.setframerate(8000)
        writer.writeframes(b"\x80" * 4000)
    return file.getvalue()


_IMAGE = "data:image/png;base64," + base64.b64encode(png()).decode()
_CHAT: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "s", "name": "n"},
        {"role": "user", "content": [
            {"type": "text", "text": "say json"},
            {"type": "image_url", "image_url": {"url": _IMAGE, "detail": "low"}},
        ]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
    ],
    "max_tokens": 20, "temperature": 1, "top_p": 1, "n": 1, "stop": ["x"], "seed": 1, "user": "u",
    "logprobs": True, "top_logprobs": 2, "logit_bias": {"1": 5}, "presence_penalty": 0.1,
    "tools": [{"type": "function", "function": _TOOL}], "tool_choice": "auto",
}  # fmt: skip
_STRUCTURED: dict[str, Any] = {
    "messages": [{"role": "user", "content": "json"}],
    "stream": True,
    "stream_options": {"include_usage": True},
    "max_tokens": 30,
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "s", "schema": _SCHEMA, "strict": True},
    },
}
_RESPONSE: dict[str, Any] = {
    "model": "gpt-4o",
    "input": [
        {"role": "user", "content": [
            {"type": "input_text", "text": "weather"},
            {"type": "input_image", "image_url": _IMAGE, "detail": "low"},
        ]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "ok"},
    ],
    "instructions": "be nice", "max_output_tokens": 20, "store": True, "metadata": {"a": "b"},
    "tools": [{"type": "function", "strict": False, **_TOOL}],
    "text": {"format": {"type": "json_schema", "name": "n", "schema": _SCHEMA}}, "stream": False,
}  # fmt: skip
_SPEECH: dict[str, Any] = {
    "model": "tts", "input": "hello there", "voice": "alloy", "response_format": "wav", "speed": 1.5,
}  # fmt: skip
_DRAWING: dict[str, Any] = {
    "model": "gpt-image-1", "prompt": "a dog", "n": 1, "size": "1024x1024", "quality": "low",
    "output_format": "png",
}  # fmt: skip
_CLAUDE: dict[str, Any] = {
    "model": "claude-sonnet-4-5", "system": "be nice",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "weather"}]}],
    "tools": [{"name": "f", "description": "d", "input_schema": _SCHEMA}],
}  # fmt: skip
_UPLOAD = (
    Part("purpose", b"batch"),
    Part("expires_after[seconds]", b"1209600"),
    Part("expires_after[anchor]", b"created_at"),
    Part("file", b'{"custom_id": "1"}\n', "lines.jsonl"),
)
_FORM = (
    Part("file", wav(), "a.wav"),
    Part("model", b"whisper"),
    Part("response_format", b"verbose_json"),
    Part("temperature", b"0"),
    Part("timestamp_granularities[]", b"word"),
)
_EDIT = (
    Part("image", png(), "a.png"),
    Part("mask", png(), "m.png"),
    Part("model", b"gpt-image-1"),
    Part("prompt", b"a dog"),
    Part("size", b"1024x1024"),
    Part("n", b"1"),
)
_NO_FILE = f"{_V1}files/file-{'0' * 32}"
_NO_RESPONSE = f"{_V1}responses/resp_{'0' * 50}"
_NO_CONVERSATION = f"{_V1}conversations/conv_{'0' * 48}"
_CHATS = f"{_V1}chat/completions"
_NO_CHAT = f"{_CHATS}/chatcmpl-{'0' * 29}"
_NO_UPLOAD = f"{_V1}uploads/upload_{'0' * 32}"
_NO_BATCH = f"{_V1}batches/batch_{'0' * 8}-0000-0000-0000-{'0' * 12}"
_WEBHOOK: dict[str, Any] = {
    "name": "a", "url": "http://127.0.0.1:9/", "event_types": ["response.completed"],
}  # fmt: skip
_NO_WEBHOOK = f"{_V1}webhook_endpoints/wh_{'0' * 32}"
_NO_IMAGE = f"/private/images/{'0' * 8}-0000-0000-0000-{'0' * 12}/generated_00.png"

SEEDS = (
    Seed("chat_completions", "POST", f"{_GPT}chat/completions{DATED}", _CHAT),
    Seed("chat_completions", "POST", f"{_V1}chat/completions", {"model": "gpt-4o", **_STRUCTURED}),
    Seed("completions", "POST", f"/openai/deployments/gpt-35-turbo-instruct/completions{DATED}",
         {"prompt": ["a", "b"], "max_tokens": 5, "n": 1, "best_of": 1, "echo": False}),
    Seed("embeddings", "POST", f"/openai/deployments/text-embedding-3-small/embeddings{DATED}",
         {"input": ["a", [1, 2]], "dimensions": 8, "encoding_format": "float"}),
    Seed("responses", "POST", f"{_V1}responses", _RESPONSE),
    Seed("responses", "POST", f"/openai/responses{DATED}", {**_RESPONSE, "stream": True}),
    Seed("responses_retrieve", "GET", f"{_NO_RESPONSE}?stream=true&starting_after=1"),
    Seed("responses_input_items", "GET", f"{_NO_RESPONSE}/input_items?limit=2&order=asc"),
    Seed("responses_cancel", "POST", f"{_NO_RESPONSE}/cancel", {}),
    Seed("responses_delete", "DELETE", _NO_RESPONSE),
    Seed("responses_input_tokens", "POST", f"{_V1}responses/input_tokens",
         {name: _RESPONSE[name] for name in ("model", "input", "instructions", "tools", "text")}),
    Seed("responses_compact", "POST", f"{_V1}responses/compact",
         {name: _RESPONSE[name] for name in ("model", "input", "instructions")}),
    Seed("conversations_create", "POST", f"{_V1}conversations",
         {"items": _RESPONSE["input"], "metadata": {"a": "b"}}),
    Seed("conversations_retrieve", "GET", _NO_CONVERSATION),
    Seed("conversations_update", "POST", _NO_CONVERSATION, {"metadata": {"a": "b"}}),
    Seed("conversations_delete", "DELETE", _NO_CONVERSATION),
    Seed("conversation_items_list", "GET", f"{_NO_CONVERSATION}/items?limit=2&order=asc&after=x"),
    Seed("conversation_items_create", "POST", f"{_NO_CONVERSATION}/items",
         {"items": _RESPONSE["input"]}),
    Seed("conversation_items_retrieve", "GET", f"{_NO_CONVERSATION}/items/msg_1"),
    Seed("conversation_items_delete", "DELETE", f"{_NO_CONVERSATION}/items/msg_1"),
    Seed("chat_completions", "POST", f"{_V1}chat/completions",
         {"model": "gpt-4o", **_STRUCTURED, "store": True, "metadata": {"a": "b"}}),
    Seed("stored_chat_list", "GET", f"{_CHATS}?limit=2&order=desc&model=gpt-4o&metadata[a]=b"),
    Seed("stored_chat_retrieve", "GET", _NO_CHAT),
    Seed("stored_chat_messages", "GET", f"{_NO_CHAT}/messages?limit=2&after=x"),
    Seed("stored_chat_update", "POST", _NO_CHAT, {"metadata": {"a": "b"}}),
    Seed("stored_chat_delete", "DELETE", _NO_CHAT),
    Seed("webhook_endpoints_create", "POST", f"{_V1}webhook_endpoints", _WEBHOOK),
    Seed("webhook_endpoints_list", "GET", f"{_V1}webhook_endpoints?limit=2&order=desc"),
    Seed("webhook_endpoints_retrieve", "GET", _NO_WEBHOOK),
    Seed("webhook_endpoints_update", "POST", _NO_WEBHOOK, _WEBHOOK),
    Seed("webhook_endpoints_rotate_secret", "POST", f"{_NO_WEBHOOK}/rotate_secret",
         {"keep_old_secret_active_for_24_hours": True}),
    Seed("webhook_endpoints_test", "POST", f"{_NO_WEBHOOK}/test",
         {"event_type": "batch.completed"}),
    Seed("webhook_endpoints_delete", "DELETE", _NO_WEBHOOK),
    Seed("webhook_event_types", "GET", f"{_V1}webhook_event_types"),
    Seed("files_upload", "POST", f"{_V1}files", _UPLOAD),
    Seed("files_list", "GET", f"{_V1}files?limit=2&order=asc&purpose=batch"),
    Seed("files_retrieve", "GET", _NO_FILE),
    Seed("files_content", "GET", f"{_NO_FILE}/content"),
    Seed("files_delete", "DELETE", _NO_FILE),
    Seed("uploads_create", "POST", f"{_V1}uploads",
         {"bytes": 9, "filename": "a.jsonl", "mime_type": "application/jsonl", "purpose": "batch"}),
    Seed("uploads_parts", "POST", f"{_NO_UPLOAD}/parts", (Part("data", b"x", "a"),)),
    Seed("uploads_complete", "POST", f"{_NO_UPLOAD}/complete", {"part_ids": ["part_1"]}),
    Seed("uploads_cancel", "POST", f"{_NO_UPLOAD}/cancel"),
    Seed("messages", "POST", "/anthropic/v1/messages", {**_CLAUDE, "max_tokens": 20}),
    Seed("messages_count_tokens", "POST", "/anthropic/v1/messages/count_tokens", _CLAUDE),
    Seed("batches_create", "POST", f"{_V1}batches",
         {"input_file_id": f"file-{'0' * 32}", "endpoint": "/v1/chat/completions",
          "completion_window": "24h", "metadata": {"a": "b"}}),
    Seed("batches_list", "GET", f"{_V1}batches?limit=2&after=batch_1"),
    Seed("batches_retrieve", "GET", _NO_BATCH),
    Seed("batches_cancel", "POST", f"{_NO_BATCH}/cancel"),
    Seed("images_generations", "POST", f"/openai/deployments/gpt-image-1/images/generations{DATED}",
         _DRAWING),
    Seed("images_edits", "POST", f"{_V1}images/edits", _EDIT),
    Seed("kept_image", "GET", f"{_NO_IMAGE}?se=2099-12-31T23:59:59Z&sig=x"),
    Seed("audio_speech", "POST", f"{_V1}audio/speech", _SPEECH),
    Seed("audio_transcriptions", "POST", f"{_V1}audio/transcriptions", _FORM),
    Seed("audio_translations", "POST", f"/openai/deployments/whisper/audio/translations{DATED}",
         _FORM[:3]),
    Seed("models", "GET", f"/openai/models{DATED}"),
    Seed("model", "GET", f"{_V1}models/gpt-4o"),
    Seed("model_info", "GET", "/models/info?api-version=2024-05-01-preview"),
    Seed("project_deployments", "GET", "/api/projects/any/deployments?api-version=v1"),
    Seed("project_deployment", "GET", "/api/projects/any/deployments/gpt-4o?api-version=v1"),
    Seed("change_config", "PATCH", "/++/config", {"answer_tokens": {"mean": 20, "std_dev": 1}}),
    Seed("add_rules", "POST", "/++/rules",
         {"rules": [{"name": "r", "when": {"text": "never said"}, "answer": "x", "times": 1}]}),
)  # fmt: skip
