"""The parameters of lists that are read page by page."""

from collections.abc import Mapping

from simulator.errors import InvalidRequest


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


def after(ids: list[str], mark: str, *, descending: bool) -> list[str]:
    """Return the ids that come after a mark, in their order.

    Ids are moments, so a page goes on where it was even if what the mark names is gone.
    """
    if mark:
        ids = [one for one in ids if (one < mark if descending else one > mark)]
    return ids[::-1] if descending else ids
