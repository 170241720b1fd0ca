"""Headers of which most are the same for many answers: what is shared is made, and encoded, once."""

import functools
from collections.abc import Iterator, Mapping


class SharedHeaders:
    """Headers that many answers have. Two are the same only if they are one object, so that what is made
    of them can be remembered; nobody changes their values."""

    __slots__ = ("values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)


class Headers(Mapping[str, str]):
    """The headers of one answer: those that it shares with others, and its `own`, which win."""

    __slots__ = ("own", "shared")

    def __init__(self, shared: SharedHeaders, own: Mapping[str, str]) -> None:
        self.shared = shared
        self.own = own

    def __getitem__(self, name: str) -> str:
        own = self.own
        return own[name] if name in own else self.shared.values[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**self.shared.values, **self.own})

    def __len__(self) -> int:
        return len({**self.shared.values, **self.own})

    def __or__(self, more: Mapping[str, str]) -> "Headers":
        """Return these and more of its own, which win."""
        return Headers(self.shared, {**self.own, **more})


@functools.lru_cache(maxsize=1024)
def joined(*parts: SharedHeaders) -> SharedHeaders:
    """Return the headers of all parts, of which the later ones win."""
    values: dict[str, str] = {}
    for part in parts:
        values |= part.values
    return SharedHeaders(values)
