"""The places of an answer's JSON in which texts stand, and what is left of them when they are cut."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, cast

Json = dict[str, Any]


_OF_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}


class Slot(NamedTuple):
    """A member that holds a text."""

    holder: Json
    key: str

    @property
    def text(self) -> str:
        return self.holder[self.key]


def _slot(holder: object, key: str) -> list[Slot]:
    if isinstance(holder, dict) and isinstance(holder.get(key), str):  # pyright: ignore[reportUnknownMemberType] JSON
        return [Slot(cast("Json", holder), key)]
    return []


def objects(value: object) -> list[Json]:
    """The objects of a list."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, dict)]


def choice_slots(choice: Json) -> list[Slot]:
    """The texts of a choice of chat or completions: content, or the arguments of calls."""
    found = _slot(choice, "text")
    for name in ("message", "delta"):
        part = choice.get(name)
        if not isinstance(part, dict):
            continue
        message = cast("Json", part)
        found += _slot(message, "content") + _slot(message.get("function_call"), "arguments")
        for call in objects(message.get("tool_calls")):
            found += _slot(call.get("function"), "arguments")
    return found


def item_slots(item: Json) -> list[Slot]:
    """The texts of an item of a response that the filter looks at."""
    if item.get("type") == "message":
        return [slot for part in objects(item.get("content")) for slot in _slot(part, "text")]
    member = _OF_CALLS.get(str(item.get("type")))
    return _slot(item, member) if member else []


def joined(slots: Iterable[Slot]) -> str:
    return "".join(slot.text for slot in slots)


def trim(slots: Iterable[Slot], characters: int) -> None:
    """Keep the first characters of the texts together."""
    for slot in slots:
        text = slot.text
        slot.holder[slot.key] = text[: max(characters, 0)]
        characters -= len(text)


def trimmed_tokens(entries: object, characters: int, token: Callable[[Any], str]) -> list[Any]:
    """The entries of the tokens that begin within the first characters."""
    kept: list[Any] = []
    for entry in cast("list[Any]", entries) if isinstance(entries, list) else ():
        if characters <= 0:
            break
        kept.append(entry)
        characters -= len(token(entry))
    return kept


def token_of(entry: object) -> str:
    """The token of an entry of log probabilities."""
    token = cast("Mapping[str, object]", entry).get("token") if isinstance(entry, dict) else ""
    return token if isinstance(token, str) else ""
