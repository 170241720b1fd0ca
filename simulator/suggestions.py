"""Suggestions for names that nobody knows: what was probably meant."""

from collections.abc import Iterable

LONGEST = 100
"""Characters of a name that are compared: who wrote it chooses its length."""
_MOST = 1_000
"""Names that are compared: each takes some 30 microseconds."""
_LISTED = 20
_ALIKE = 0.6


def nearest(found: str, known: Iterable[str], alike: float = _ALIKE) -> str | None:
    """Return the known name that is most like the one found; None if none is `alike` (1.0: equal)."""
    import difflib  # for mistakes alone

    names = [name for name, _ in zip(known, range(_MOST), strict=False)]
    near = difflib.get_close_matches(found[:LONGEST], names, 1, alike)
    return near[0] if near else None


def did_you_mean(found: str, known: Iterable[str]) -> str:
    """Return the end of a line about a mistake: `did you mean 'x'?`, else what is allowed."""
    names = list(known)
    near = nearest(found, names)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"expected one of {', '.join(names[:_LISTED])}" if names else "there is none"
