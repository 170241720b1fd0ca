"""Prices of models: a dated table, and the form of a price file that replaces it."""

import datetime
from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from simulator.errors import StartError
from simulator.type_problems import in_document

S = TypeVar("S", bound=msgspec.Struct)

PRICES_OF = "2026-10-21"
"""The date of the list prices below: Azure's price page, USD per million tokens, Global Standard."""

Money = Annotated[float, Meta(ge=0, le=1_000_000)]
_Currency = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f]+\Z")]


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """USD per million tokens; `cached` and `cache_write` fall back to `input`. Priority has prices of its
    own."""

    input: Money
    output: Money = 0.0
    cached: Money | None = None
    priority_input: Money | None = None
    priority_output: Money | None = None
    cache_write: Money | None = None

    @property
    def of_cached(self) -> float:
        return self.input if self.cached is None else self.cached

    @property
    def of_cache_write(self) -> float:
        return self.input if self.cache_write is None else self.cache_write


class Prices(msgspec.Struct, frozen=True):
    """A price list; `ptu_per_hour` is USD for one provisioned throughput unit, if it is known."""

    models: Mapping[str, Price]
    date: str = PRICES_OF
    currency: str = "USD"
    ptu_per_hour: float | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A price list as people write it."""

    models: dict[str, msgspec.Raw]
    date: datetime.date = datetime.date.fromisoformat(PRICES_OF)
    currency: _Currency = "USD"
    ptu_per_hour: Money | None = None


class PriceFileError(StartError):
    """A price file that cannot be used."""


def _row(
    input: float,  # noqa: A002 (the column's name on the price page)
    cached: float | None,
    output: float,
    priority: tuple[float, float] | None = None,
) -> Price:
    first, second = priority or (None, None)
    return Price(input, output, cached, first, second)


_CACHE_WRITE = 1.25
"""The share of `input` that writing to the cache costs (OpenAI's page on prompt caching, 2026-07: from
gpt-5.6 on; Anthropic's page on prices, 2026-10: for five minutes)."""


def _with_writes(
    input: float,  # noqa: A002 (as above)
    cached: float,
    output: float,
) -> Price:
    return Price(input, output, cached, cache_write=round(input * _CACHE_WRITE, 6))


PRICES = Prices(
    {
        "gpt-4o": _row(2.5, 1.25, 10),
        "gpt-4o-mini": _row(0.15, 0.075, 0.6),
        "gpt-4.1": _row(2, 0.5, 8, (3.5, 14)),
        "gpt-4.1-mini": _row(0.4, 0.1, 1.6),
        "gpt-4.1-nano": _row(0.1, 0.025, 0.4),
        "o1": _row(15, 7.5, 60),
        "o3": _row(2, 0.5, 8),
        "o3-mini": _row(1.1, 0.55, 4.4),
        "o4-mini": _row(1.1, 0.275, 4.4),
        "o3-pro": _row(20, None, 80),
        "gpt-5": _row(1.25, 0.125, 10, (2.5, 20)),
        "gpt-5.1": _row(1.25, 0.125, 10, (2.5, 20)),
        "gpt-5-mini": _row(0.25, 0.025, 2),
        "gpt-5-nano": _row(0.05, 0.005, 0.4),
        "gpt-5-pro": _row(15, None, 120),
        "gpt-5.2": _row(1.75, 0.175, 14, (3.5, 28)),
        "gpt-5.4": _row(2.5, 0.25, 15, (5, 30)),
        "gpt-5.4-mini": _row(0.75, 0.075, 4.5),
        "gpt-5.4-nano": _row(0.2, 0.02, 1.25),
        "gpt-5.4-pro": _row(30, 3, 180),
        "gpt-5.5": _row(5, 0.5, 30, (12.5, 75)),
        "gpt-5.6-sol": _with_writes(4, 0.4, 20),
        "gpt-5.6-terra": _with_writes(2, 0.2, 12),
        "gpt-5.6-luna": _with_writes(0.2, 0.02, 1.2),
        "gpt-6-astra": _with_writes(10, 1, 50),
        "gpt-6-sol": _with_writes(2, 0.2, 10),
        "gpt-6.1-sol": _with_writes(2, 0.1, 10),
        "gpt-6-luna": _with_writes(0.1, 0.01, 0.5),
        # Anthropic's page on prices (2026-10), which Foundry bills by; Haiku 5.5 up to 100,000 tokens.
        "claude-opus-4-1": _with_writes(15, 1.5, 75),
        "claude-sonnet-4-5": _with_writes(3, 0.3, 15),
        "claude-haiku-4-5": _with_writes(1, 0.1, 5),
        "claude-opus-4-5": _with_writes(5, 0.5, 25),
        "claude-opus-4-6": _with_writes(5, 0.5, 25),
        "claude-sonnet-4-6": _with_writes(3, 0.3, 15),
        "claude-opus-4-7": _with_writes(5, 0.5, 25),
        "claude-opus-4-8": _with_writes(5, 0.5, 25),
        "claude-sonnet-5": _with_writes(2, 0.2, 10),
        "claude-opus-5": _with_writes(5, 0.5, 25),
        "claude-opus-5-5": _with_writes(4, 0.2, 20),
        "claude-sonnet-5-5": _with_writes(2, 0.1, 10),
        "claude-haiku-5-5": _with_writes(0.1, 0.01, 0.5),
        "text-embedding-3-large": Price(0.143),
        "text-embedding-3-small": Price(0.022),
        "text-embedding-ada-002": Price(0.11),
    }
)


def read_prices(document: bytes, source: str) -> Prices:
    """Read `{"models": {NAME: {"input": …, "cached": …, "output": …}}, "date": …}`.

    Raises `PriceFileError` with the place of the first mistake.
    """
    file = _decoded(document, _File, f"PRICES_PATH={source!r} is not allowed")
    prices = {
        name: _decoded(
            price, Price, f"PRICES_PATH={source!r} is not allowed: models[{name[:64]!r}]"
        )
        for name, price in file.models.items()
    }
    return Prices(prices, file.date.isoformat(), file.currency, file.ptu_per_hour)


def _decoded(document: bytes | msgspec.Raw, kind: type[S], beginning: str) -> S:
    try:
        return msgspec.json.decode(document, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PriceFileError(f"{beginning}: {in_document(error, kind)}") from None
