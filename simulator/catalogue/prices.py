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
"""The date of the list prices below: Azure's price page, USD per million tokens, Global Standard. Those of
priority and of models that the page no longer names: Azure's retail prices, as LiteLLM 1.109.1 publishes
them with their sources."""

HALF = 0.5
"""The share of the price of Global Standard that batch and flex cost (Azure's price page, 2026-10)."""

Money = Annotated[float, Meta(ge=0, le=1_000_000)]
_Currency = Annotated[str, Meta(min_length=1, max_length=16, pattern=r"^[^\x00-\x1f\x7f]+\Z")]


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """USD per million tokens; `cached` and `cache_write` fall back to `input`. Priority has prices of its
    own, and those of cached tokens are as many times the standard ones as that of the input is."""

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

    @property
    def at_priority(self) -> "Price | None":
        """The prices of the tier `priority`; None where they are not known."""
        first, second = self.priority_input, self.priority_output
        if first is None or second is None:
            return None
        times = first / self.input if self.input else 1.0
        cached, written = self.of_cached * times, self.of_cache_write * times
        return Price(first, second, cached, cache_write=written)


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
    priority: tuple[float, float] | None = None,
) -> Price:
    first, second = priority or (None, None)
    return Price(input, output, cached, first, second, round(input * _CACHE_WRITE, 6))


PRICES = Prices(
    {
        "gpt-35-turbo": _row(0.5, None, 1.5),
        "gpt-35-turbo-16k": _row(3, None, 4),
        "gpt-35-turbo-instruct": _row(1.65, None, 2.2),
        "gpt-4": _row(30, None, 60),
        "gpt-4-32k": _row(60, None, 120),
        "gpt-4o": _row(2.5, 1.25, 10),
        "gpt-4o-mini": _row(0.15, 0.075, 0.6),
        "gpt-4.1": _row(2, 0.5, 8, (3.5, 14)),
        "gpt-4.1-mini": _row(0.4, 0.1, 1.6, (0.7, 2.8)),
        "gpt-4.1-nano": _row(0.1, 0.025, 0.4),
        "gpt-4.5-preview": _row(75, 37.5, 150),
        "computer-use-preview": _row(3, None, 12),
        "o1": _row(15, 7.5, 60),
        "o1-mini": _row(1.1, 0.55, 4.4),
        "o3": _row(2, 0.5, 8),
        "o3-mini": _row(1.1, 0.55, 4.4),
        "o3-deep-research": _row(10, 2.5, 40),
        "o4-mini": _row(1.1, 0.275, 4.4),
        "o3-pro": _row(20, None, 80),
        "codex-mini": _row(1.5, 0.375, 6),
        "gpt-5": _row(1.25, 0.125, 10, (2.5, 20)),
        "gpt-5-chat": _row(1.25, 0.125, 10),
        "gpt-5-codex": _row(1.25, 0.125, 10),
        "gpt-5.1": _row(1.25, 0.125, 10, (2.5, 20)),
        "gpt-5.1-chat": _row(1.25, 0.125, 10),
        "gpt-5.1-codex": _row(1.25, 0.125, 10, (2.5, 20)),
        "gpt-5.1-codex-max": _row(1.25, 0.125, 10),
        "gpt-5.1-codex-mini": _row(0.25, 0.025, 2, (0.45, 3.6)),
        "gpt-5-mini": _row(0.25, 0.025, 2, (0.45, 3.6)),
        "gpt-5-nano": _row(0.05, 0.005, 0.4),
        "gpt-5-pro": _row(15, None, 120),
        "gpt-5.2": _row(1.75, 0.175, 14, (3.5, 28)),
        "gpt-5.2-chat": _row(1.75, 0.175, 14),
        "gpt-5.2-codex": _row(1.75, 0.175, 14),
        "gpt-5.3-chat": _row(1.75, 0.175, 14),
        "gpt-5.3-codex": _row(1.75, 0.175, 14, (3.5, 28)),
        "gpt-5.4": _row(2.5, 0.25, 15, (5, 30)),
        "gpt-5.4-mini": _row(0.75, 0.075, 4.5, (1.5, 9)),
        "gpt-5.4-nano": _row(0.2, 0.02, 1.25),
        "gpt-5.4-pro": _row(30, 3, 180),
        "gpt-5.5": _row(5, 0.5, 30, (12.5, 75)),
        "gpt-5.5-pro": _row(30, 3, 180),
        "gpt-chat-latest": _row(5, 0.5, 30),
        "gpt-5.6-sol": _with_writes(4, 0.4, 20, (8, 40)),
        "gpt-5.6-terra": _with_writes(2, 0.2, 12, (4, 24)),
        "gpt-5.6-luna": _with_writes(0.2, 0.02, 1.2, (0.4, 2.4)),
        "gpt-6-astra": _with_writes(10, 1, 50),
        "gpt-6-sol": _with_writes(2, 0.2, 10, (4, 20)),
        "gpt-6.1-sol": _with_writes(2, 0.1, 10),
        "gpt-6-luna": _with_writes(0.1, 0.01, 0.5),
        "gpt-oss-120b": _row(0.15, None, 0.6),
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
        "Codestral-2501": _row(0.3, None, 0.9),
        "Llama-4-Maverick-17B-128E-Instruct-FP8": _row(0.25, None, 1),
        "Phi-4": _row(0.125, None, 0.5),
        "Phi-4-mini-instruct": _row(0.075, None, 0.3),
        "Phi-4-mini-reasoning": _row(0.075, None, 0.3),
        "Phi-4-multimodal-instruct": _row(0.08, None, 0.32),
        "Phi-4-reasoning": _row(0.125, None, 0.5),
        "grok-3": _row(3, None, 15),
        "grok-3-mini": _row(0.25, None, 1.27),
        "grok-4-fast-non-reasoning": _row(0.2, None, 0.5),
        "grok-4-fast-reasoning": _row(0.2, None, 0.5),
        "grok-4-1-fast-non-reasoning": _row(0.2, None, 0.5),
        "grok-4-1-fast-reasoning": _row(0.2, None, 0.5),
        "grok-4-20-non-reasoning": _row(1.25, None, 2.5),
        "grok-4-20-reasoning": _row(1.25, None, 2.5),
        "grok-4.6": _row(2, 0.5, 6),
        "embed-v-4-0": Price(0.12),
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
