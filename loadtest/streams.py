"""Streamed answers: their usage, the moment of their first text, and whether they were whole."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import requests

_PREFIX = b"data: "


@dataclass(frozen=True, slots=True)
class Streamed:
    """`first` is the moment of the first piece of text; `whole` if the stream had its end."""

    first: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    whole: bool = False


def read_stream(lines: Iterable[bytes], clock: Callable[[], float]) -> Streamed:
    """Read the lines of a chat answer as they come; one that breaks off, or is no stream, is not
    whole.
    """
    first, usage, whole = None, dict[str, int](), False
    try:
        for line in lines:
            if not line.startswith(_PREFIX):
                continue
            if line == b"data: [DONE]":
                whole = True
                continue
            chunk = json.loads(line[len(_PREFIX) :])
            usage = chunk.get("usage") or usage
            if first is None and _has_text(chunk):
                first = clock()
    except (requests.RequestException, ValueError):
        whole = False
    return Streamed(first, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0), whole)


def _has_text(chunk: dict[str, Any]) -> bool:
    return any(choice["delta"].get("content") for choice in chunk.get("choices", []))
