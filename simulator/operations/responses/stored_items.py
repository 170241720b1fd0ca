"""The stored items that one request refers to, and how an item of an input is stored."""

import asyncio
import math
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Raw

from simulator.errors import InvalidRequest, Unavailable
from simulator.operations.responses.ids import Family, ResponseIds, family_of
from simulator.operations.responses.items import (
    CALLS,
    OUTPUTS,
    PREFIXES,
    InputImage,
    Item,
    OutputText,
    Part,
)
from simulator.operations.responses.store import FamilyItems, ResponseStore, indexed
from simulator.storage.several import AT_ONCE, SECONDS

MOST_REFERENCES = 500
MOST_BYTES = 16 * 2**20
MOST_FAMILIES = 20
"""Earlier responses whose reasoning is looked for in one request; what is from others passes."""

_ITEM = msgspec.json.Decoder(Item)
_REASONING = "rs_"


class StoredItems:
    """Finds items by their ids, `within` a conversation or in the responses of one resource; each stored
    response is read and indexed once, several at a time, and all of them within a time."""

    def __init__(
        self, store: ResponseStore, resource: str = "", within: Sequence[Raw] = ()
    ) -> None:
        self._store = store
        self._resource = resource
        self._within = within
        self._conversation: FamilyItems | None = None
        self._families: dict[Family, FamilyItems] = {}
        self._expected: Sequence[Family] = ()
        self._ends = math.inf
        self._references = 0
        self._bytes = 0

    def expect(self, identifiers: Iterable[str]) -> None:
        """Name the items that are going to be looked for."""
        families = map(family_of, identifiers)
        self._expected = list(dict.fromkeys(one for one in families if one is not None))

    async def find(self, identifier: str) -> Raw | None:
        """The item; raises InvalidRequest for too many of them, or too large ones together."""
        self._references += 1
        if self._references > MOST_REFERENCES:
            raise _beyond(f"more than {MOST_REFERENCES} references to items")
        found = (await self._source(identifier)).items.get(identifier)
        self._bytes += len(bytes(found)) if found is not None else 0
        if self._bytes > MOST_BYTES:
            raise _beyond(f"references to items of more than {MOST_BYTES >> 20} MB")
        return found

    async def _source(self, identifier: str) -> FamilyItems:
        """The items among which that one may be."""
        family = family_of(identifier)
        if family is not None and family not in self._families:
            conversation = self._indexed()
            if identifier in conversation.items:
                return conversation
            await self._read(family)
        return self._known(identifier)

    async def _read(self, family: Family) -> None:
        """Read the response of that family, and of a few that are going to be looked for."""
        clock = asyncio.get_running_loop().time
        self._ends = min(self._ends, clock() + SECONDS)
        if clock() >= self._ends:
            raise Unavailable(
                "The items that the input refers to cannot be read in time. Please try again.",
                headers={"retry-after": "1"},
            )
        later = [one for one in self._expected if one not in self._families and one != family]
        some = [family, *later[: AT_ONCE - 1]]
        found = await asyncio.gather(*(self._store.items(one, self._resource) for one in some))
        self._families.update(zip(some, found, strict=True))

    def _known(self, identifier: str) -> FamilyItems:
        """The items that have been read and among which that one is or may be."""
        conversation, family = self._indexed(), family_of(identifier)
        if identifier in conversation.items or family is None:
            return conversation
        return self._families[family]

    def _indexed(self) -> FamilyItems:
        if self._conversation is None:
            self._conversation = indexed(self._within)
        return self._conversation

    def following(self, identifier: str) -> Item | None:
        """Return what the response put out behind the reasoning of that id, which was found before."""
        found = self._known(identifier)
        at = found.output.index(identifier) + 1 if identifier in found.output else len(found.output)
        later = (_ITEM.decode(found.items[one]) for one in found.output[at:])
        return next((item for item in later if item.kind != "reasoning"), None)

    async def reasoning_before(self, identifier: str) -> str | None:
        """Return the id of the reasoning that a stored response put out before that item."""
        output = (await self._source(identifier)).output
        before = output[: output.index(identifier)] if identifier in output else ()
        return next((one for one in reversed(before) if one.startswith(_REASONING)), None)


def since_compaction(output: Sequence[Raw]) -> list[Raw]:
    """The items of an output from the summary of its input on; none if it has no summary."""
    kinds = [_ITEM.decode(item).kind for item in output]
    return list(output[kinds.index("compaction") :]) if "compaction" in kinds else []


def unreasoned(items: Sequence[Item]) -> list[Item]:
    """The answers and calls of earlier responses of which the items have no reasoning."""
    reasoning = [item.id for item in items if item.kind == "reasoning"]
    if None in reasoning:
        return []
    reasoned = {family_of(one) for one in reasoning if one is not None}
    return [
        item
        for item in items
        if item.id is not None
        and (item.kind in CALLS or item.role == "assistant")
        and (family := family_of(item.id)) is not None
        and family not in reasoned
    ]


async def check_reasoned(items: Sequence[Item], read: StoredItems) -> None:
    """Refuse stored answers and calls without the reasoning before them (reported by many users of Azure,
    2025-11 to 2026-03)."""
    families: set[Family | None] = set()
    for item in unreasoned(items):
        families.add(family_of(item.id or ""))
        if len(families) > MOST_FAMILIES:
            return
        reasoning = await read.reasoning_before(item.id or "")
        if reasoning is not None:
            raise InvalidRequest(
                f"Item '{item.id}' of type '{item.kind}' was provided without its required 'reasoning' "
                f"item: '{reasoning}'.",
                param="input",
            )


async def resolved(items: Sequence[Item], read: StoredItems, *, stored: bool) -> list[Item]:
    """The items, with those in the place of references that they name. Raises InvalidRequest for what is
    not stored, and for stored reasoning without the item that came behind it."""
    found: list[Item] = []
    read.expect(item.id or "" for item in items if item.names_stored)
    for index, item in enumerate(items):
        if item.names_stored:
            raw = await read.find(item.id or "")
            if raw is None:
                raise _not_found(item.id, stored=stored)
            named = _ITEM.decode(raw)
            if named.kind == "reasoning":
                _check_following(named, items[index + 1 :], read)
            item = named if item.kind == "item_reference" else item
        found.append(item)
    return found


def _check_following(reasoning: Item, rest: Sequence[Item], read: StoredItems) -> None:
    """Refuses stored reasoning that is not followed by what it led to (reported by users of Azure)."""
    wanted = read.following(reasoning.id or "")
    given = next((item for item in rest if not _is_reasoning(item)), None)
    if wanted is not None and (given is None or not _stands_for(given, wanted)):
        raise InvalidRequest(
            f"Item '{reasoning.id}' of type 'reasoning' was provided without its required following item.",
            param="input",
        )


def _is_reasoning(item: Item) -> bool:
    return item.kind == "reasoning" or (
        item.kind == "item_reference" and (item.id or "").startswith(_REASONING)
    )


def _stands_for(given: Item, wanted: Item) -> bool:
    if given.kind == "item_reference":
        return given.id == wanted.id
    same = (given.kind, given.role, given.call_id) == (wanted.kind, wanted.role, wanted.call_id)
    return same and given.id in (None, wanted.id)


def _not_found(identifier: str | None, *, stored: bool) -> InvalidRequest:
    """Reported by users of Azure."""
    reason = (
        ""
        if stored
        else " Items are not persisted when `store` is set to false. Try again with `store` set to true, "
        "or remove this item from your input."
    )
    return InvalidRequest(f"Item with id '{identifier}' not found.{reason}", param="input")


def _beyond(what: str) -> InvalidRequest:
    return InvalidRequest(f"The input has {what}.", param="input")


def kept_item(item: Item, ids: ResponseIds) -> Raw:
    """The item as `input_items` shows it: with an id and a status, its text in parts."""
    kind = item.kind
    shown: dict[str, object] = {
        "id": item.id or ids.draw(PREFIXES.get(kind, "item")),
        "type": kind,
    }
    if kind == "message":
        shown |= {
            "status": item.status or "completed",
            "content": [_kept_part(part) for part in item.parts],
            "role": item.role,
        }
        for name in ("phase", "agent"):
            if getattr(item, name) is not None:
                shown[name] = getattr(item, name)
    else:
        if kind in CALLS or kind in OUTPUTS:
            shown["status"] = item.status or "completed"
        shown = {**msgspec.to_builtins(item), **shown}
    return Raw(msgspec.json.encode(shown))


def _kept_part(part: Part) -> object:
    if isinstance(part, OutputText):
        return {
            "type": "output_text",
            "annotations": part.annotations or [],
            "logprobs": part.logprobs or [],
            "text": part.text,
        }
    if isinstance(part, InputImage):
        return {
            "type": "input_image",
            "detail": part.detail or "auto",
            "file_id": part.file_id,
            "image_url": part.image_url,
        }
    return part
