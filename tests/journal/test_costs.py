import csv
import io
from typing import Any

import pytest

from simulator.catalogue.models import all_models, other_models
from simulator.catalogue.prices import PRICES, Price, PriceFileError, Prices, read_prices
from simulator.journal.costs import Costs, as_csv, costs_of
from simulator.journal.entry import Entry
from tests.journal.entries import entry, journal_of

MODELS = {model.name: model for model in all_models()}
MILLION = 1_000_000


def costs(*entries: Entry, prices: Prices = PRICES) -> Costs:
    return costs_of(journal_of(*entries), prices, MODELS)


def test_tokens_are_priced_by_the_table_cached_ones_apart() -> None:
    found = costs(
        entry(0, prompt_tokens=2 * MILLION, cached_tokens=MILLION, completion_tokens=MILLION)
    )
    assert found.rows[0].cost == found.total == 2.5 + 1.25 + 10
    assert (found.currency, found.prices_of) == ("USD", "2026-10-21")


@pytest.mark.parametrize(
    ("model", "money"),
    [("gpt-4o", 2.5), ("gpt-5.6-sol", 4 * 1.25), ("gpt-6.1-sol", 2.5), ("claude-sonnet-5", 2.5)],
)
def test_writing_to_the_cache_has_a_price_of_its_own_from_gpt_5_6_on(
    model: str, money: float
) -> None:
    tokens = {"prompt_tokens": MILLION, "cache_write_tokens": MILLION}
    found = costs(entry(0, model=model, **tokens), entry(1, model=model, cut=True, **tokens))
    assert (found.total, found.thrown_away.cut) == (2 * money, money)
    assert found.rows[0].cache_write_tokens == 2 * MILLION


def test_refused_requests_cost_nothing_and_are_counted() -> None:
    found = costs(entry(0, 429, prompt_tokens=MILLION))
    assert (found.total, found.rows[0].requests) == (0, 1)


def test_lines_of_batches_cost_half() -> None:
    tokens = {"prompt_tokens": 2 * MILLION, "completion_tokens": MILLION}
    found = costs(entry(0, **tokens), entry(1, batch=True, **tokens))
    assert (found.total, found.rows[0].requests) == (15 + 7.5, 2)
    assert found.instead.batch == 15
    wasted = costs(entry(0, batch=True, broken=True, **tokens))
    assert wasted.thrown_away.cut == 7.5
    assert costs(entry(0, batch=True, **tokens)).instead.ptu == []


TIERS = [
    # Standard, priority and flex: prices of Azure's retail list, as LiteLLM 1.109.1 publishes them.
    ("gpt-4.1", "priority", 3.5 + 0.875 + 14),
    ("gpt-5-mini", "priority", 0.45 + 0.045 + 3.6),
    ("gpt-5.5", "priority", 12.5 + 1.25 + 75),
    ("gpt-5.6-sol", "priority", 8 + 0.8 + 40),
    ("gpt-5.6-sol", "flex", 2 + 0.2 + 10),
    ("gpt-4o", "priority", 2.5 + 1.25 + 10),
]


@pytest.mark.parametrize(("model", "tier", "money"), TIERS)
def test_each_service_tier_has_its_price(model: str, tier: str, money: float) -> None:
    tokens = {"prompt_tokens": 2 * MILLION, "cached_tokens": MILLION, "completion_tokens": MILLION}
    found = costs(
        entry(0, model=model, tier=tier, **tokens),
        entry(1, model=model, tier=tier, broken=True, **tokens),
    )
    assert found.total == pytest.approx(2 * money)
    assert found.thrown_away.cut == pytest.approx(money)
    assert found.rows[0].requests == 2


def test_what_tiers_cost_instead_does_not_depend_on_the_tier_that_served() -> None:
    tokens = {"prompt_tokens": MILLION, "cache_write_tokens": MILLION}
    for tier in ("default", "priority", "flex"):
        instead = costs(entry(0, model="gpt-5.6-sol", tier=tier, **tokens)).instead
        assert (instead.priority, instead.flex) == (10, 2.5)


def test_a_model_without_a_price_says_so_and_counts_nothing() -> None:
    found = costs(entry(0, model="llama", prompt_tokens=5))
    assert (found.unpriced, found.total, found.rows[0].cost) == (["llama"], 0, None)


def test_claude_is_priced_and_makers_without_a_known_price_are_not() -> None:
    tokens = {"prompt_tokens": 2 * MILLION, "cached_tokens": MILLION, "completion_tokens": MILLION}
    found = costs(
        entry(0, model="claude-sonnet-4-5", **tokens), entry(1, model="DeepSeek-R1", **tokens)
    )
    assert (found.unpriced, found.total) == (["DeepSeek-R1"], 3 + 0.3 + 15)
    claudes = {model.name for model in other_models() if model.maker == "Anthropic"}
    assert claudes == {name for name in PRICES.models if name.startswith("claude")}


def test_cut_answers_and_repeated_ones_are_thrown_away() -> None:
    cut = costs(entry(0, cut=True, prompt_tokens=0, completion_tokens=MILLION))
    assert cut.thrown_away.cut == 10
    broken = costs(entry(0, broken=True, prompt_tokens=0, completion_tokens=MILLION))
    assert broken.thrown_away.cut == 10
    twice = costs(
        entry(0, attempt=0, completion_tokens=MILLION),
        entry(1, attempt=1, completion_tokens=MILLION),
    )
    assert twice.thrown_away.retried == 10


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("left", {"status": 499, "cut": True}),
        ("filtered", {"status": 400, "filtered": True}),
        ("filtered", {"filtered": True}),
        ("cut", {"error_in_band": True}),
    ],
)
def test_what_is_thrown_away_costs_and_has_a_kind(kind: str, members: dict[str, Any]) -> None:
    tokens = {"prompt_tokens": 2 * MILLION, "cached_tokens": MILLION}
    found = costs(entry(0, **tokens, **members))
    lost = {name: getattr(found.thrown_away, name) for name in ("cut", "left", "filtered")}
    assert lost == {"cut": 0, "left": 0, "filtered": 0, kind: 3.75}
    assert found.total == 3.75


def test_the_busiest_minute_decides_how_many_ptus_it_takes() -> None:
    busy = [entry(0, prompt_tokens=250_000), entry(60, prompt_tokens=2_500)]
    (found,) = costs(*busy, prices=Prices(PRICES.models, ptu_per_hour=1.0)).instead.ptu
    assert (found.model, found.ptu) == ("gpt-4o", 100)
    assert found.utilization == pytest.approx(252_500 / 2 / 250_000, abs=1e-4)
    assert found.per_month == 73_000


def test_batch_is_half_and_priority_needs_prices_of_its_own() -> None:
    found = costs(entry(0, prompt_tokens=MILLION))
    assert (found.instead.batch, found.instead.flex, found.instead.priority) == (1.25, 1.25, None)
    assert costs(entry(0, model="gpt-5.1", prompt_tokens=MILLION)).instead.priority == 2.5


def test_csv_has_a_line_for_each_row() -> None:
    lines = list(csv.DictReader(io.StringIO(as_csv(costs(entry(0, prompt_tokens=MILLION))))))
    assert [(line["deployment"], line["cost"]) for line in lines] == [("chat", "2.5")]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_name_is_a_formula_of_a_spreadsheet(name: str) -> None:
    (line,) = csv.DictReader(io.StringIO(as_csv(costs(entry(0, deployment=name)))))
    assert line["deployment"] == f"'{name}"


def test_a_price_file_replaces_the_table() -> None:
    document = b'{"models": {"gpt-4o": {"input": 1, "output": 2}}, "date": "2026-11-01"}'
    assert read_prices(document, "p").models == {"gpt-4o": Price(1, 2)}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"{}", "models"),
        (b"\xff", ""),
        (b"[" * 100_000, ""),
        (b'{"models": {"a": {"inptu": 1}}}', r"models\['a'\]: .*inptu"),
        (b'{"models": {"a": {"input": -1}}}', r"models\['a'\]: .*input"),
        (b'{"models": {"a": {"input": 1, "output": 1e300}}}', r"models\['a'\]: .*output"),
        (b'{"models": {}, "date": "2026-13-01"}', "date"),
        (b'{"models": {}, "currency": ""}', "currency"),
        (b'{"models": {}, "ptuPerHour": -1}', "ptuPerHour"),
    ],
)
def test_a_bad_price_file_is_refused_in_one_line(document: bytes, place: str) -> None:
    with pytest.raises(PriceFileError, match=rf"PRICES_PATH='p'.*{place}") as refused:
        read_prices(document, "p")
    assert "\n" not in str(refused.value)
