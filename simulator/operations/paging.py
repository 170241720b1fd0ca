"""The parameters of lists that are read page by page."""

from collections.abc import Mapping, Sequence

from simulator.errors import InvalidRequest
from simulator.json_layout import indented


def limit_of(query: Mapping[str, str], *, default: int, most: int) -> int:
    """Return the size of a page, or refuse what is no number from 1 to `most`."""
    text = query.get("limit", str(default))
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= limit <= most:
        raise InvalidRequest(
            f"Invalid 'limit': expected an integer from 1 to {most}.",
            param="limit",
            code="invalid_value",
        )
    return limit


def is_descending(query: Mapping[str, str], *, default: str) -> bool:
    """Return whether the newest come first; raises `InvalidRequest` for an order that is none."""
    order = query.get("order", default)
    if order not in ("asc", "desc"):
        raise InvalidRequest(
            f"Invalid value: '{order[:100]}'. Supported values are: 'asc' and 'desc'.",
            param="order",
            code="invalid_value",
        )
    return order == "desc"


def page_body(shown: Sequence[Mapping[str, object]], *, more: bool) -> bytes:
    """Return a page of what has ids, as the lists of files and of batches show it."""
    return indented(
        {
            "object": "list",
            "data": shown,
            "first_id": shown[0]["id"] if shown else None,
            "last_id": shown[-1]["id"] if shown else None,
            "has_more": more,
        }
    )


def after(ids: list[str], mark: str, *, descending: bool) -> list[str]:
    """Return the ids that come after a mark, in their order.

    Ids are moments, so a page goes on where it was even if what the mark names is gone.
    """
    if mark:
        ids = [one for one in ids if (one < mark if descending else one > mark)]
    return ids[::-1] if descending else ids
