"""What the tests of this package share: words, drawing and a validator that is not ours."""

import random
from collections.abc import Mapping
from typing import Any

import jsonschema

from simulator.assembly.budgets import schema_budget
from simulator.json_schema.sampling.sampler import instance

VOCABULARY = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa")


def words(count: int, rng: random.Random) -> str:
    return " ".join(rng.choice(VOCABULARY) for _ in range(count))


def draw(schema: Mapping[str, object], *, seed: int = 1, size: int = 100) -> Any:
    """An instance of the schema, whose members a test may look into."""
    return instance(schema, random.Random(seed), words, schema_budget(), size=size)


def complaints(value: Any, schema: Mapping[str, object]) -> list[str]:
    """What an independent validator finds wrong."""
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
    return [error.message for error in validator.iter_errors(value)]
