"""Headers of which most are the same for many answers: what is shared is made, and encoded, once."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

ONCE = frozenset(
    (
        "apim-request-id",
        "x-request-id",
        "x-ms-client-request-id",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-requests",
        "x-ratelimit-reset-tokens",
        "cmp-upstream-response-duration",
        "openai-processing-ms",
        "x-envoy-upstream-service-time",
    )
)
"""The names of headers whose values are others with each answer."""


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

    # A mapping would find out by a `KeyError`, and most that are looked for are not there.
    def get(self, key: str, default: Any = None) -> Any:
        own = self.own
        return own[key] if key in own else self.shared.values.get(key, default)

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.shared.values

    def __bool__(self) -> bool:
        return bool(self.own or self.shared.values)

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())

    def whole(self) -> dict[str, str]:
        """Return all of them in one."""
        return {**self.shared.values, **self.own}

    def __or__(self, more: Mapping[str, str]) -> "Headers":
        """Return these and more of its own, which win."""
        return Headers(self.shared, {**self.own, **more})


NOTHING_SHARED = SharedHeaders({})


def as_headers(headers: Mapping[str, str]) -> Headers:
    """Return the headers as these are; those of which nothing is known are all their own."""
    return headers if type(headers) is Headers else Headers(NOTHING_SHARED, headers)


@functools.lru_cache(maxsize=1024)
def joined(*parts: SharedHeaders) -> SharedHeaders:
    """Return the headers of all parts, of which the later ones win."""
    values: dict[str, str] = {}
    for part in parts:
        values |= part.values
    return SharedHeaders(values)


def parted(headers: Mapping[str, str]) -> Headers:
    """Return the headers with all shared but those whose values are others with each answer."""
    shared = tuple([header for header in headers.items() if header[0] not in ONCE])
    own = {name: value for name, value in headers.items() if name in ONCE}
    return Headers(_equal(shared), own)


@functools.lru_cache(maxsize=1024)
def _equal(headers: tuple[tuple[str, str], ...]) -> SharedHeaders:
    """Return one object for all headers that are equal."""
    return SharedHeaders(dict(headers))
