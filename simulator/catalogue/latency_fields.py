"""The object that says how long a deployment takes, as people write it."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta, Struct

from simulator.catalogue.field_error import FieldError
from simulator.latency import Load, LogNormal, OwnLatency, Quantiles, Spread, Times
from simulator.type_problems import described, located

MOST_QUANTILES = 1_000
MOST_SIZES = 50

_Milliseconds = Annotated[float, Meta(ge=0, le=3_600_000)]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Point = tuple[_Share, _Milliseconds]


class TimesFields(Struct, frozen=True, forbid_unknown_fields=True):
    """A distribution in milliseconds: normal, log-normal, or given by its quantiles."""

    mean: _Milliseconds | None = None
    deviation: _Milliseconds | None = None
    p50: _Milliseconds | None = None
    p95: _Milliseconds | None = None
    quantiles: Annotated[list[_Point], Meta(min_length=2, max_length=MOST_QUANTILES)] | None = None


class LoadFields(Struct, frozen=True, forbid_unknown_fields=True):
    concurrency: Annotated[int, Meta(ge=1, le=1_000_000)]
    factor: Annotated[float, Meta(ge=1, le=100)]


class SizeFields(Struct, frozen=True, forbid_unknown_fields=True):
    """The time to the first token of prompts of up to a number of tokens."""

    up_to: Annotated[int, Meta(ge=1, le=100_000_000)]
    first_token_ms: _Milliseconds | TimesFields


class LatencyFields(Struct, frozen=True, forbid_unknown_fields=True):
    first_token_ms: _Milliseconds | TimesFields | None = None
    by_prompt: Annotated[list[SizeFields], Meta(max_length=MOST_SIZES)] = []
    token_ms: _Milliseconds | TimesFields | None = None
    prompt_ms_per_1000: _Milliseconds | None = None
    cached_ms_per_1000: _Milliseconds | None = None
    load: LoadFields | None = None


STRUCTS: dict[str, type[Struct]] = {
    "": LatencyFields,
    "first_token_ms": TimesFields,
    "token_ms": TimesFields,
    "by_prompt[]": SizeFields,
    "by_prompt[].first_token_ms": TimesFields,
    "load": LoadFields,
}
"""By the place at which their members stand, in which `[]` is any item of a list."""
_ITEM = re.compile(r"\[\d+\]")


def read_latency(raw: object) -> OwnLatency:
    """Return the latency that a file gives a deployment or a resource. Raises `FieldError`."""
    try:
        fields = msgspec.convert(raw, LatencyFields)
    except msgspec.ValidationError as error:
        raise _problem(str(error)) from None
    return latency_of(fields, cast("Mapping[str, Any]", raw))


def latency_of(fields: LatencyFields, given: Mapping[str, Any]) -> OwnLatency:
    """Return the latency of the fields; `given` is what people wrote. Raises `FieldError`."""
    if fields == LatencyFields():
        raise FieldError("", "it changes nothing")
    sizes = [(one.up_to, _times(one.first_token_ms, "by_prompt")) for one in fields.by_prompt]
    if sizes != sorted(sizes, key=lambda one: one[0]):
        raise FieldError("by_prompt", "up_to has to rise")
    return OwnLatency(
        first=_optional(fields.first_token_ms, "first_token_ms"),
        between=_optional(fields.token_ms, "token_ms"),
        sizes=tuple(sizes),
        prompt=_per_token(fields.prompt_ms_per_1000),
        cached=_per_token(fields.cached_ms_per_1000),
        load=None if fields.load is None else Load(fields.load.concurrency, fields.load.factor),
        given=given,
    )


def _optional(fields: float | TimesFields | None, place: str) -> Times | None:
    return None if fields is None else _times(fields, place)


def _times(fields: float | TimesFields, place: str) -> Times:
    if not isinstance(fields, TimesFields):
        return Spread(fields)
    ways = (
        (fields.mean is not None, fields.deviation is not None),
        (fields.p50 is not None, fields.p95 is not None),
        (fields.quantiles is not None, False),
    )
    if sum(any(way) for way in ways) != 1:
        raise FieldError(place, "give one of mean with deviation, p50 with p95, or quantiles")
    if fields.quantiles is not None:
        return _quantiles(fields.quantiles, place)
    if fields.mean is not None:
        return Spread(fields.mean, fields.deviation or 0.0)
    if fields.p50 is None or fields.p95 is None or not 0 < fields.p50 <= fields.p95:
        raise FieldError(place, "p50 and p95 go together, above 0, and p95 is the greater one")
    return LogNormal(fields.p50, fields.p95)


def _quantiles(points: list[_Point], place: str) -> Quantiles:
    shares, times = [share for share, _ in points], [time for _, time in points]
    if shares != sorted(set(shares)) or times != sorted(times):
        raise FieldError(f"{place}.quantiles", "shares and times have to rise")
    return Quantiles(tuple(points))


def _per_token(milliseconds: float | None) -> float | None:
    """Seconds for a token, of milliseconds for a thousand."""
    return None if milliseconds is None else milliseconds / 1_000_000


def _problem(error: str) -> FieldError:
    problem = located(error)
    struct = STRUCTS.get(_ITEM.sub("[]", problem.place), LatencyFields)
    return FieldError(problem.place, described(problem, struct))
