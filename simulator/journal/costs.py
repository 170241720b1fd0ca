"""Costs: what the requests of a period would have cost on Azure, and at other kinds of deployment."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.catalogue.prices import HALF, Price, Prices
from simulator.journal.entry import Entry, Group
from simulator.journal.journal import Journal
from simulator.journal.minutes import Count, Tokens

MILLION = 1_000_000
HOURS_OF_A_MONTH = 730
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Row(Struct):
    """Sums for one resource, deployment and key; `cost` is absent where there is no price."""

    resource: str
    deployment: str
    model: str
    key: str
    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None


class ThrownAway(Struct):
    """Money for answers that nobody used: the kinds of `Waste`, and whole ones requested again."""

    cut: float = 0.0
    left: float = 0.0
    filtered: float = 0.0
    retried: float = 0.0


class Provisioned(Struct):
    """The smallest number of PTUs that carries the busiest minute; `utilization` is the mean (1.0 is
    full) over the minutes with requests; `per_month` is absent without a price per hour."""

    model: str
    ptu: int
    utilization: float
    per_month: float | None = None


class Instead(Struct):
    """Prices of these requests at other kinds of deployment; None where one is missing."""

    ptu: list[Provisioned]
    priority: float | None
    flex: float | None
    batch: float | None


class Costs(Struct):
    """Money is in `currency`; `prices_of` is the date of the price list."""

    currency: str
    prices_of: str
    rows: list[Row]
    total: float
    thrown_away: ThrownAway
    unpriced: list[str]
    instead: Instead


def costs_of(
    journal: Journal,
    prices: Prices,
    models: Mapping[str, Model],
    since: float | None = None,
    others: Iterable[tuple[int, Group, Count]] = (),
) -> Costs:
    """Add up what the journal has counted since a moment (seconds since 1970), and what `others` have.

    What was requested again is known of this journal's own entries alone.
    """
    counted = [item for item in (*journal.minutes.since(since), *others) if item[1].model]
    rows = _rows(counted, prices)
    priced = [row for row in rows if row.cost is not None]
    total = sum(row.cost or 0.0 for row in priced)
    live = sum(_at_list_price(group, count, prices) for _, group, count in counted)
    return Costs(
        prices.currency,
        prices.date,
        rows,
        round(total, 6),
        _thrown_away(counted, journal.since(since), prices),
        sorted({row.model for row in rows if row.cost is None and row.prompt_tokens}),
        Instead(
            list(_provisioned(counted, models, prices)),
            _at_priority(counted, prices),
            round(live * HALF, 6),
            round(live * HALF, 6),
        ),
    )


Counted = Iterable[tuple[int, Group, Count]]


def cost(price: Price, tokens: Tokens) -> float:
    """Return the money for tokens."""
    fresh = max(tokens.prompt - tokens.cached - tokens.cache_write, 0)
    money = fresh * price.input + tokens.cached * price.of_cached
    money += tokens.cache_write * price.of_cache_write + tokens.completion * price.output
    return money / MILLION


def _rows(counted: Counted, prices: Prices) -> list[Row]:
    rows: dict[tuple[str, str, str, str], Row] = {}
    for _, group, count in counted:
        name = group.resource, group.deployment, group.model, group.key
        row = rows.setdefault(name, Row(*name))
        row.requests += count.requests
        row.prompt_tokens += count.prompt_tokens
        row.cached_tokens += count.cached_tokens
        row.cache_write_tokens += count.cache_write_tokens
        row.completion_tokens += count.completion_tokens
        if group.model in prices.models:
            row.cost = (row.cost or 0.0) + charged(prices, group, count.tokens)
    for row in rows.values():
        row.cost = None if row.cost is None else round(row.cost, 6)
    return sorted(rows.values(), key=lambda row: (row.resource, row.deployment, row.key))


def charged(prices: Prices, group: Group, tokens: Tokens) -> float:
    """Return the money for tokens of a group: half in a batch and with flex, with priority at its own
    prices where they are known. 0 without a price."""
    price = prices.models.get(group.model)
    if price is None:
        return 0.0
    if group.batch or group.tier == "flex":
        return cost(price, tokens) * HALF
    return cost((group.tier == "priority" and price.at_priority) or price, tokens)


def _at_list_price(group: Group, count: Count, prices: Prices) -> float:
    """The money for live requests with these tokens; 0 without a price."""
    price = prices.models.get(group.model)
    return 0.0 if price is None else cost(price, count.tokens)


def _thrown_away(counted: Counted, entries: Iterable[Entry], prices: Prices) -> ThrownAway:
    lost = dict.fromkeys(ThrownAway.__struct_fields__, 0.0)
    for kind, group, tokens in _wasted(counted, entries):
        lost[kind] += charged(prices, group, tokens)
    return ThrownAway(**{kind: round(money, 6) for kind, money in lost.items()})


def _wasted(counted: Counted, entries: Iterable[Entry]) -> Iterator[tuple[str, Group, Tokens]]:
    """Yield kind, group and tokens of each waste."""
    for _, group, count in counted:
        for kind, tokens in tuple(count.wasted.items()):
            yield kind, group, tokens
    for entry in _requested_again(entries):
        tokens = Tokens()
        tokens.add(entry.usage)
        yield "retried", entry.group, tokens


def _requested_again(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield whole answers to what a client says is a retry of something answered whole before."""
    answered: set[object] = set()
    for entry in entries:
        caller = entry.key, entry.client, entry.operation
        key = caller, entry.resource, entry.deployment, entry.fingerprint
        if entry.whole and entry.attempt and key in answered:
            yield entry
        elif entry.whole:
            answered.add(key)


def _at_priority(counted: Counted, prices: Prices) -> float | None:
    total = 0.0
    for _, group, count in counted:
        price = prices.models.get(group.model)
        if price is None:
            continue
        if price.at_priority is None:
            return None
        total += cost(price.at_priority, count.tokens)
    return round(total, 6)


def _provisioned(
    counted: Counted, models: Mapping[str, Model], prices: Prices
) -> Iterator[Provisioned]:
    weights: dict[str, dict[int, float]] = {}
    for minute, group, count in counted:
        model = None if group.batch else models.get(group.model)
        if model is not None and model.input_tpm_per_ptu and count.prompt_tokens:
            weight = count.prompt_tokens - count.cached_tokens
            weight += count.completion_tokens * (model.output_ratio or 1)
            minutes = weights.setdefault(group.model, {})
            minutes[minute] = minutes.get(minute, 0.0) + weight
    for name, minutes in sorted(weights.items()):
        yield _units(models[name], minutes, prices)


def _units(model: Model, minutes: Mapping[int, float], prices: Prices) -> Provisioned:
    per_ptu = model.input_tpm_per_ptu or 1
    least, step = model.regional_ptus or model.shared_ptus
    needed = math.ceil(max(minutes.values()) / per_ptu)
    ptu = max(least, least + math.ceil(max(0, needed - least) / step) * step)
    mean = sum(minutes.values()) / len(minutes)
    per_hour = prices.ptu_per_hour
    return Provisioned(
        model.name,
        ptu,
        round(mean / (ptu * per_ptu), 4),
        None if per_hour is None else round(per_hour * ptu * HOURS_OF_A_MONTH, 2),
    )


def as_csv(costs: Costs) -> str:
    """Return the rows as CSV, with a head line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*Row.__struct_fields__, "currency"])
    for row in costs.rows:
        values = [getattr(row, name) for name in Row.__struct_fields__]
        writer.writerow([*map(_cell, values), costs.currency])
    return text.getvalue()


def _cell(value: str | float | None) -> str | float:
    """A value as a spreadsheet takes it: clients choose names, and none is to be a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
