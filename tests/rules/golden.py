"""Golden answers: every fault and every shape of the filter, in every operation that differs.

`python -m tests.rules.golden` writes them anew, which is for changes that are meant: read the diff.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from simulator.app import Simulator
from simulator.assembly.simulator import create_simulator
from simulator.configuration.settings import Settings
from simulator.messages import Request, Response
from tests.conftest import API_VERSION, KEY
from tests.support.audio_files import silence

FILE = Path(__file__).with_name("data") / "golden.json"
TEXT = "One two three."
# What is another one with each answer, and what leaves no room in a file: the bytes of media.
_CHANGING = (
    (re.compile(r"\b(chatcmpl-|cmpl-|resp_|msg_|req_)[A-Za-z0-9]+"), r"\1ID"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r'("(?:created|created_at|completed_at)": ?)\d+'), r"\g<1>0"),
    (re.compile(r'("(?:b64_json|audio|obfuscation)":")[^"]*'), r"\1MEDIA"),
)
# Other headers are those of every answer, which other tests hold.
_MATTERING = re.compile(
    "content-type|retry-after.*|x-ratelimit-type|x-ms-rai-invoked|azureai-fe-.*|x-simulator-.*"
)


@dataclass(frozen=True)
class Asked:
    """A request; `name` is that of its operation, route and form."""

    name: str
    path: str
    body: Mapping[str, Any]
    query: str = ""
    form: bytes = b""


def dated(name: str, operation: str, body: Mapping[str, Any], version: str = API_VERSION) -> Asked:
    own = {member: value for member, value in body.items() if member != "model"}
    path = f"/openai/deployments/{body['model']}/{operation}"
    return Asked(f"{name} dated", path, own, f"api-version={version}")


def v1(name: str, operation: str, body: Mapping[str, Any], form: bytes = b"") -> Asked:
    return Asked(f"{name} v1", f"/openai/v1/{operation}", body, form=form)


def form(file: bytes, part: str = "file", kind: str = "audio/wav", **members: str) -> bytes:
    """A form with the bytes of a file, whose boundary is B."""
    fields = "".join(
        f'--B\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in members.items()
    )
    name = f"a.{kind.rpartition('/')[2]}"
    head = f'--B\r\ncontent-disposition: form-data; name="{part}"; filename="{name}"\r\n'
    head += f"content-type: {kind}\r\n\r\n"
    return fields.encode() + head.encode() + file + b"\r\n--B--\r\n"


_STREAM = {"stream": True, "stream_options": {"include_usage": True, "include_obfuscation": False}}
_CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": TEXT}]}
_COMPLETIONS = {"model": "gpt-35-turbo-instruct", "prompt": TEXT}
_RESPONSES = {"model": "gpt-4o", "input": TEXT}
_EMBEDDINGS = {
    "model": "text-embedding-3-small",
    "input": TEXT,
    "dimensions": 3,
    "encoding_format": "base64",  # Its digits are the same with every version of Python.
}
_IMAGE = {"model": "gpt-image-1", "prompt": TEXT, "size": "1024x1024", "output_format": "jpeg"}
_SPEECH = {"model": "tts", "input": "Hi", "voice": "alloy", "response_format": "pcm"}
_NEWER_SPEECH = {**_SPEECH, "model": "gpt-4o-mini-tts", "stream_format": "sse"}

CHAT = v1("chat", "chat/completions", _CHAT)
CHAT_STREAM = v1("chat streamed", "chat/completions", {**_CHAT, **_STREAM})
DATED_CHAT = dated("chat", "chat/completions", _CHAT)
DATED_CHAT_STREAM = dated(
    "chat streamed",
    "chat/completions",
    {**_CHAT, "stream": True, "stream_options": {"include_usage": True}},
)
COMPLETIONS = v1("completions", "completions", _COMPLETIONS)
COMPLETIONS_STREAM = v1(
    "completions streamed",
    "completions",
    {**_COMPLETIONS, "stream": True, "stream_options": {"include_usage": True}},
)
DATED_COMPLETIONS = dated("completions", "completions", _COMPLETIONS)
RESPONSES = v1("responses", "responses", _RESPONSES)
RESPONSES_STREAM = v1(
    "responses streamed",
    "responses",
    {**_RESPONSES, "stream": True, "stream_options": {"include_obfuscation": False}},
)
DATED_RESPONSES = Asked(
    "responses dated", "/openai/responses", _RESPONSES, "api-version=2025-04-01-preview"
)
EMBEDDINGS = v1("embeddings", "embeddings", _EMBEDDINGS)
DATED_EMBEDDINGS = dated("embeddings", "embeddings", _EMBEDDINGS)
IMAGES = v1("images", "images/generations", _IMAGE)
IMAGES_STREAM = v1(
    "images streamed", "images/generations", {**_IMAGE, "stream": True, "partial_images": 1}
)
DATED_IMAGES = dated("images", "images/generations", _IMAGE, "2025-04-01-preview")
SPEECH = v1("speech", "audio/speech", _SPEECH)
DATED_SPEECH = dated("speech", "audio/speech", _SPEECH, "2025-03-01-preview")
SPEECH_STREAM = v1("speech streamed", "audio/speech", _NEWER_SPEECH)
TRANSCRIPTIONS = v1("transcriptions", "audio/transcriptions", {}, form(silence(1), model="whisper"))
TEXTS = v1(
    "transcriptions as text",
    "audio/transcriptions",
    {},
    form(silence(1), model="whisper", response_format="text"),
)
TRANSCRIPTIONS_STREAM = v1(
    "transcriptions streamed",
    "audio/transcriptions",
    {},
    form(silence(1), model="gpt-4o-transcribe", stream="true"),
)

_REFUSED = (
    CHAT, CHAT_STREAM, DATED_CHAT, COMPLETIONS, DATED_COMPLETIONS, RESPONSES, RESPONSES_STREAM,
    DATED_RESPONSES, EMBEDDINGS, DATED_EMBEDDINGS, IMAGES, DATED_IMAGES, SPEECH, DATED_SPEECH,
    TRANSCRIPTIONS,
)  # fmt: skip
_BROKEN = (
    CHAT, CHAT_STREAM, DATED_CHAT, DATED_CHAT_STREAM, COMPLETIONS, COMPLETIONS_STREAM, RESPONSES,
    RESPONSES_STREAM, DATED_RESPONSES, EMBEDDINGS, IMAGES, IMAGES_STREAM, SPEECH, SPEECH_STREAM,
    TRANSCRIPTIONS, TEXTS, TRANSCRIPTIONS_STREAM,
)  # fmt: skip
_FEW = (CHAT, DATED_CHAT, COMPLETIONS, RESPONSES, EMBEDDINGS, IMAGES, SPEECH)

# The refusals that depend on the operation and the route, and those that are the same everywhere.
_LIMITS: tuple[dict[str, Any], ...] = (
    {"kind": "rate_limit"},
    {"kind": "rate_limit", "retry_after": 1.5},
    {"kind": "ptu_limit"},
    {"kind": "quota"},
)
_REFUSALS = (
    "capacity", "server_error", "gateway_error", "unavailable", "timeout", "gateway_timeout",
    "forbidden_network", "suspended", "reset", "hang",
)  # fmt: skip
_SPOILS: tuple[dict[str, Any], ...] = (
    {"kind": "disconnect"},
    {"kind": "truncate"},
    {"kind": "stall", "seconds": 0},
    {"kind": "malformed"},
    {"kind": "error_event"},
    {"kind": "failed_event"},
    {"kind": "empty"},
    {"kind": "no_usage"},
    {"kind": "slow", "token_ms": 0},
)
_PLACED: tuple[dict[str, Any], ...] = (
    {"kind": "truncate", "after_events": 1},
    {"kind": "error_event", "after_tokens": 0},
    {"kind": "malformed", "after_events": 2},
)

_FOUND_IN_PROMPTS: tuple[dict[str, Any], ...] = (
    {"jailbreak": True},
    {"indirect_attack": True},
    {"hate": "low", "sexual": "high"},
    {"self_harm": True, "violence": "medium"},
    {"profanity": True},
    {"pii": True},
    {"custom_blocklists": ["mine", "yours"]},
)
_FOUND_IN_ANSWERS: tuple[dict[str, Any], ...] = (
    {"violence": "high", "at": "two"},
    {"protected_material_text": True},
    {"protected_material_code": {"citation": {"URL": "https://github.com/a/b", "license": "MIT"}}},
    {"profanity": True, "pii": True, "custom_blocklists": "mine"},
)
_PROMPTS = (
    CHAT, CHAT_STREAM, DATED_CHAT, COMPLETIONS, DATED_COMPLETIONS, RESPONSES, RESPONSES_STREAM,
    DATED_RESPONSES, EMBEDDINGS, DATED_EMBEDDINGS, IMAGES, DATED_IMAGES, SPEECH,
)  # fmt: skip
_ANSWERS = (
    CHAT, CHAT_STREAM, DATED_CHAT, DATED_CHAT_STREAM, COMPLETIONS, COMPLETIONS_STREAM,
    DATED_COMPLETIONS, RESPONSES, RESPONSES_STREAM, DATED_RESPONSES, EMBEDDINGS, IMAGES,
)  # fmt: skip
_NOTED = {"annotate": {"prompt": {"jailbreak": True}, "completion": {"violence": "low"}}}

_CUT = {"completion": {"hate": "medium", "after_tokens": 2}}


@dataclass(frozen=True)
class Case:
    asked: Asked
    rule: Mapping[str, Any] = field(default_factory=dict[str, Any])
    deployment: str = ""
    prompt: str = ""

    @property
    def name(self) -> str:
        """Members of the rule as they are written, without what all of them have."""
        parts = [self.asked.name, self.deployment, self.prompt]
        parts += [json.dumps(self.rule, separators=(",", ":")).replace('"', "")] * bool(self.rule)
        return " · ".join(part for part in parts if part)


def cases() -> Iterator[Case]:
    for asked in _REFUSED:
        yield from (Case(asked, {"fault": fault}) for fault in _LIMITS)
    for asked in _FEW:
        yield from (Case(asked, {"fault": {"kind": kind}}) for kind in _REFUSALS)
    for asked in _BROKEN:
        yield from (Case(asked, {"fault": fault}) for fault in _SPOILS)
    for asked in (CHAT_STREAM, RESPONSES_STREAM):
        yield from (Case(asked, {"fault": fault}) for fault in _PLACED)
    yield from _filtered()


def _filtered() -> Iterator[Case]:
    for asked in _PROMPTS:
        yield Case(asked, {"filter": {"prompt": {"jailbreak": True, "violence": "high"}}})
    for asked in (CHAT, RESPONSES, IMAGES):
        yield from (Case(asked, {"filter": {"prompt": found}}) for found in _FOUND_IN_PROMPTS)
    for asked in _ANSWERS:
        yield Case(asked, {"filter": _CUT})
        yield Case(asked, {"filter": {"completion": {"violence": True}}})
        yield Case(asked, {"filter": _NOTED})
    for asked in (CHAT, CHAT_STREAM, RESPONSES):
        yield from (Case(asked, {"filter": {"completion": found}}) for found in _FOUND_IN_ANSWERS)
    for asked in (CHAT, CHAT_STREAM, COMPLETIONS_STREAM, RESPONSES_STREAM):
        yield Case(asked, deployment="asynchronous")
        yield Case(asked, {"filter": _NOTED}, "asynchronous")
        yield Case(asked, {"filter": _CUT}, "asynchronous")
    for asked in (CHAT, RESPONSES, IMAGES):
        yield Case(asked, prompt="[[filter:violence=high]]")
    yield Case(CHAT, prompt="[[filter:completion:hate=medium]]")


def made() -> Simulator:
    """A simulator whose answers are the last message."""
    return create_simulator(
        Settings(api_key=KEY, answer_style="echo", default_deployment_limits=False, latency=0.0)
    )


async def answered(simulator: Simulator) -> dict[str, Any]:
    """The answer of each case, with what is another one each time replaced."""
    found: dict[str, Any] = {}
    for model in ("gpt-4o", "gpt-35-turbo-instruct"):
        await _add_asynchronous(simulator, model)
    for case in cases():
        assert case.name not in found, case.name
        found[case.name] = await _shown(await simulator(_request(case)))
    return found


async def _add_asynchronous(simulator: Simulator, model: str) -> None:
    added = {f"async-{model}": {"model": model, "content_filter": {"mode": "async"}}}
    body = msgspec.json.encode({"openai_deployments": added})
    answer = await simulator(Request("PATCH", "/++/config", "", {"api-key": KEY}, body))
    assert answer.status == 200


def _request(case: Case) -> Request:
    asked = case.asked
    headers = {"api-key": KEY, "content-type": "application/json"}
    if case.rule:
        headers["x-simulator-rule"] = json.dumps(case.rule)
    if asked.form:
        headers["content-type"] = "multipart/form-data; boundary=B"
        return Request("POST", asked.path, asked.query, headers, asked.form)
    body = {**asked.body}
    if case.deployment:
        body["model"] = f"async-{body['model']}"
    text = msgspec.json.encode(body)
    if case.prompt:
        text = text.replace(TEXT.encode(), f"{TEXT} {case.prompt}".encode())
    return Request("POST", asked.path, asked.query, headers, text)


async def _shown(response: Response) -> dict[str, Any]:
    headers = {
        name: value for name, value in response.headers.items() if _MATTERING.fullmatch(name)
    }
    shown: dict[str, Any] = {"status": response.status, "headers": headers}
    if response.breakage is not None:
        shown["connection"] = response.breakage.kind
    body = response.body
    whole = body if isinstance(body, bytes) else await _joined(body)
    return {**shown, "body": _lines(whole, headers.get("content-type", ""))}


async def _joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def _lines(body: bytes, content_type: str) -> list[str]:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or content_type.startswith("audio/"):
        return [f"{len(body)} bytes: {body[:16].hex(' ')}"]
    for changing, instead in _CHANGING:
        text = changing.sub(instead, text)
    return text.split("\n")


def main() -> None:
    found = asyncio.run(answered(made()))
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(found)} answers are in {FILE}")


if __name__ == "__main__":
    main()
