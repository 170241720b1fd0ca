"""Pages of a list whose members have ids: which of them a query names, and how they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct

from simulator.errors import InvalidRequest
from simulator.json_layout import indented
from simulator.operations.paging import is_descending

_LIMIT, _MOST = 20, 100


@dataclass(frozen=True, slots=True)
class ItemPage:
    """The selection of items to list: at most `limit`, in one order, after or before the one of an id."""

    limit: int
    descending: bool
    after: str | None
    before: str | None = None

    def of(self, items: Sequence[Raw]) -> bytes:
        """The page of these items, which are in the order in which they were made."""
        items = items[::-1] if self.descending else items
        ids = [_ITEM.decode(item).id for item in items]
        start = _place(ids, self.after, "after") + 1 if self.after else 0
        end = _place(ids, self.before, "before") if self.before else len(items)
        if self.before:
            start = max(start, end - self.limit)
        shown = items[start:end][: self.limit]
        more = start > 0 if self.before else start + len(shown) < end
        return listed(shown, ids[start : start + len(shown)], more=more)


class _Identified(Struct):
    id: str


_ITEM = msgspec.json.Decoder(_Identified)


def item_page(query: Mapping[str, str], order: str = "desc") -> ItemPage:
    """The page that a query names, in an order unless it names one, too; raises `InvalidRequest`."""
    limit = number(query.get("limit", str(_LIMIT)), "limit")
    if not 1 <= limit <= _MOST:
        above = limit > _MOST
        raise InvalidRequest(
            f"Invalid 'limit': integer {'above maximum' if above else 'below minimum'} value. "
            f"Expected a value {f'<= {_MOST}' if above else '>= 1'}, but got {limit} instead.",
            param="limit",
            code=f"integer_{'above_max' if above else 'below_min'}_value",
        )
    descending = is_descending(query, default=order)
    return ItemPage(limit, descending, query.get("after"), query.get("before"))


def listed(items: Sequence[object], ids: Sequence[str], *, more: bool) -> bytes:
    """A list as the API shows it."""
    return indented(
        {
            "object": "list",
            "data": items,
            "first_id": ids[0] if ids else None,
            "has_more": more,
            "last_id": ids[-1] if ids else None,
        }
    )


def _place(ids: Sequence[str], identifier: str, name: str) -> int:
    try:
        return ids.index(identifier)
    except ValueError:
        raise InvalidRequest(f"Item with id '{identifier}' not found.", param=name) from None


def number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidRequest(
            f"Invalid type for '{name}': expected an integer, but got a string instead.",
            param=name,
            code="invalid_type",
        ) from None
