"""Every fault and every shape of the content filter answers the bytes of `data/golden.json`."""

import asyncio
import json
from typing import Any, get_args

import pytest

from simulator.catalogue.content_filter import ALL_CATEGORIES
from simulator.rules.fields import FaultKind
from tests.rules.golden import FILE, answered, cases, made

GOLDEN: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
NAMES = [case.name for case in cases()]


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return asyncio.run(answered(made()))


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_golden(found: dict[str, Any], name: str) -> None:
    assert found[name] == GOLDEN[name]


def test_no_golden_answer_is_left_over() -> None:
    assert sorted(GOLDEN) == sorted(NAMES)


def test_every_kind_of_fault_and_every_category_is_golden() -> None:
    rules = json.dumps([case.rule for case in cases()])
    for word in (*get_args(FaultKind), *ALL_CATEGORIES):
        assert f'"{word}"' in rules
