"""Numbers within the bounds of a schema."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from simulator.json_schema.errors import UnsatisfiableSchema
from simulator.json_schema.json_values import is_number

_SPAN = 100
_LARGEST = 1e300
# Digits behind the point, as people write prices; more where the bounds leave no room for such.
_DIGITS = (2, 2, 2, 6, 12)
# Multiples that are drawn, and then tried one after the other: floats may miss the bounds or the step.
_DRAWN, _TRIED = 40, 200


def is_multiple(value: float, of: float) -> bool:
    """Return True if the quotient is whole, as validators have it; exact only where both are
    integers.
    """
    if isinstance(value, int) and isinstance(of, int):
        return value % of == 0
    quotient = value / of
    return math.isfinite(quotient) and int(quotient) == quotient


@dataclass(frozen=True, slots=True)
class Bounds:
    """`low` and `high` belong to the numbers unless open; None is no bound."""

    low: float | None
    high: float | None
    low_open: bool
    high_open: bool

    @classmethod
    def of(cls, schema: Mapping[str, object]) -> "Bounds":
        low, low_open = _tighter(schema, "minimum", "exclusiveMinimum", sign=1)
        high, high_open = _tighter(schema, "maximum", "exclusiveMaximum", sign=-1)
        return cls(low, high, low_open, high_open)

    def hold(self, value: float) -> bool:
        above = self.low is None or (value > self.low if self.low_open else value >= self.low)
        below = self.high is None or (value < self.high if self.high_open else value <= self.high)
        return above and below

    def window(self) -> tuple[float, float]:
        """The range to sample from: both bounds, or a hundred from the one that is there."""
        if any(bound is not None and abs(bound) > _LARGEST for bound in (self.low, self.high)):
            raise UnsatisfiableSchema(f"no number beyond {_LARGEST:g} is sampled")
        if self.low is None:
            return (0, _SPAN) if self.high is None else (min(0, self.high - _SPAN), self.high)
        return self.low, (max(self.low + _SPAN, _SPAN) if self.high is None else self.high)


def _tighter(
    schema: Mapping[str, object], closed: str, opened: str, *, sign: int
) -> tuple[float | None, bool]:
    bound, exclusive = schema.get(closed), schema.get(opened)
    bound = bound if is_number(bound) else None
    if exclusive is True:  # draft 4: a flag beside the bound
        return bound, True
    if is_number(exclusive) and (bound is None or sign * exclusive >= sign * bound):
        return exclusive, True
    return bound, False


def integer(schema: Mapping[str, object], rng: random.Random) -> int:
    bounds = Bounds.of(schema)
    low, high = bounds.window()
    step = _step(schema)
    whole = step.numerator if step else 1
    first, last = math.ceil(Fraction(low) / whole), math.floor(Fraction(high) / whole)
    first += not bounds.hold(first * whole)
    if bounds.high is None:
        last = max(last, first)
    if bounds.low is None:
        first = min(first, last - (not bounds.hold(last * whole)))
    last -= not bounds.hold(last * whole)
    if first > last:
        raise UnsatisfiableSchema(f"no integer from {low} to {high} in steps of {whole}")
    return whole * rng.randint(first, last)


def number(schema: Mapping[str, object], rng: random.Random) -> float:
    bounds = Bounds.of(schema)
    low, high = bounds.window()
    step = _step(schema)
    if step:
        return _multiple(schema, bounds, step, rng)
    for digits in _DIGITS:
        value = round(rng.uniform(low, high), digits)
        if bounds.hold(value):
            return value
    for value in (low, high, (low + high) / 2, math.nextafter(low, math.inf)):
        if bounds.hold(value):
            return value
    raise UnsatisfiableSchema(f"no number from {low} to {high}")


def _step(schema: Mapping[str, object]) -> Fraction | None:
    value = schema.get("multipleOf")
    return Fraction(str(value)) if is_number(value) and value > 0 else None


def _multiple(
    schema: Mapping[str, object], bounds: Bounds, step: Fraction, rng: random.Random
) -> float:
    low, high = bounds.window()
    first, last = math.ceil(Fraction(low) / step), math.floor(Fraction(high) / step)
    if bounds.high is None:
        last = max(last, first + 1)
    if bounds.low is None:
        first = min(first, last - 1)
    divisor = schema["multipleOf"]
    if first <= last and is_number(divisor):
        drawn = [rng.randint(first, last) for _ in range(_DRAWN)]
        for factor in (*drawn, *range(first, min(last, first + _TRIED) + 1)):
            value = float(factor * step)
            if bounds.hold(value) and is_multiple(value, divisor):
                return int(value) if value.is_integer() else value
    raise UnsatisfiableSchema(f"no multiple of {divisor} from {low} to {high}")
