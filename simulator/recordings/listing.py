"""The recordings for people: a list of them, and one of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from simulator.recordings import document, names
from simulator.recordings.document import Document
from simulator.storage.breaker import StoreUnreachable
from simulator.storage.container import Container, StorageError
from simulator.text_table import aligned

_AT_ONCE = 16
_LONGEST_PROMPT = 48
HEADINGS = ("resource", "deployment", "operation", "recording", "tokens", "duration", "prompt")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list; for a broken recording, `prompt` says why. `resource` is that of a fleet."""

    deployment: str
    operation: str
    recording: str
    tokens: str = ""
    duration: str = ""
    prompt: str = ""
    resource: str = ""

    def cells(self) -> tuple[str, ...]:
        return (
            self.resource,
            self.deployment,
            self.operation,
            self.recording,
            self.tokens,
            self.duration,
            self.prompt,
        )


async def rows(container: Container) -> AsyncIterator[Row]:
    """A row for each recording, by deployment and operation. Raises `StorageError`."""
    found = [name async for name in container.names() if names.is_recording(name)]
    async for row in rows_of(container, found):
        yield row


async def rows_of(container: Container, found: Sequence[str]) -> AsyncIterator[Row]:
    """A row for each of these recordings that is still there. Raises `StorageError`."""
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        for row in await asyncio.gather(*(_row(container, name) for name in some)):
            if row is not None:
                yield row


async def routes(container: Container, most: int) -> tuple[Mapping[str, int], bool]:
    """The routes with the number of their recordings, and whether these are all: no more than `most`
    recordings are counted. Raises `StorageError`."""
    found: Counter[str] = Counter()
    async for name in container.names():
        if names.is_recording(name):
            if found.total() == most:
                return found, False
            found[name.rpartition("/")[0] + "/"] += 1
    return found, True


async def page(
    container: Container, route: str, after: str, limit: int
) -> tuple[Sequence[str], bool]:
    """Names of a route's recordings in their order, the first `limit` after a name, and whether there
    are more. Raises `StorageError`."""
    found: list[str] = []
    if not names.is_route(route):
        return found, False
    async for name in container.names(route):
        if name > after and names.is_recording(name):
            found.append(name)
            if len(found) > 8 * limit:  # a route may have any number, and only the first are of use
                found = sorted(found)[: limit + 1]
    found.sort()
    return found[:limit], len(found) > limit


def table(found: list[Row]) -> list[str]:
    """The rows as lines of text, in columns; that of the resource is there if any row has one."""
    first = 0 if any(row.resource for row in found) else 1
    return aligned([line[first:] for line in (HEADINGS, *(row.cells() for row in found))])


async def shown(container: Container, wanted: str) -> list[tuple[str, str]]:
    """Names and documents of the recordings that `wanted` means: a name, or the start of a key."""
    found: list[tuple[str, str]] = []
    async for name in container.names():
        key = name.rpartition("/")[2]
        if names.is_recording(name) and (name == wanted or key.startswith(wanted)):
            blob = await container.get(name)
            if blob is not None:
                found.append((name, blob.data.decode(errors="replace")))
    return found


async def _row(container: Container, name: str) -> Row | None:
    deployment, operation, file = ["legacy", *name.split("/")][-3:]
    key = file.removesuffix(".json")
    try:
        blob = await container.get(name)
    except StoreUnreachable:
        raise
    except StorageError as error:  # this one alone cannot be read: archived, of another owner
        return Row(deployment, operation, key, prompt=f"unreadable: {error}")
    if blob is None:
        return None
    try:
        written = document.parse(blob.data)
    except ValueError as error:
        return Row(deployment, operation, key, prompt=f"broken: {error}")
    usage = written.usage
    return Row(
        deployment,
        operation,
        key,
        tokens=f"{usage.prompt_tokens}+{usage.completion_tokens}" if usage else "",
        duration=f"{written.response.duration_ms} ms",
        prompt=_short(_prompt(written)),
        resource=written.request.resource,
    )


def _prompt(written: Document) -> str:
    """The last input of the request, whatever the operation calls it."""
    body = _body(written)
    if not isinstance(body, dict):
        return ""
    fields = cast("dict[str, object]", body)
    asked = next((fields[name] for name in ("messages", "input", "prompt") if name in fields), None)
    return _text(asked)


def _body(written: Document) -> object:
    """The request's JSON, which is stored as text where its layout is none of those of `Body`."""
    body = written.request.body
    raw = body.json if isinstance(body.json, msgspec.Raw) else (body.text or "")
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):  # a form, or text that nests too deeply
        return None


def _text(value: object) -> str:
    """The text in a prompt: of a list the last entry with any, of a mapping its content."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        entries = cast("list[object]", value)
        return next((text for entry in reversed(entries) if (text := _text(entry))), "")
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return _text(fields.get("content") or fields.get("text"))
    return ""


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _LONGEST_PROMPT else f"{words[: _LONGEST_PROMPT - 1]}…"
