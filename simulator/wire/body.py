"""Request bodies decoded into typed parameters, and refused in the real service's words.

The wordings of OpenAI's own checks (`Invalid type for …`, `Missing required parameter: …`) are those
that models behind Azure answer with; msgspec says what is wrong and where, this module says it so.
"""

import re
from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec
from msgspec import inspect

from simulator.errors import (
    InvalidRequest,
    MalformedJson,
    UnknownArguments,
    missing_parameter,
)
from simulator.json_schema.json_values import as_object
from simulator.type_problems import in_words
from simulator.wire.body_places import (
    allowed_values,
    either,
    expected_kind,
    is_choice,
    kind_of,
    misfit,
    name_of,
    type_at,
    value_at,
)
from simulator.wire.declared_order import Words, declared_words
from simulator.wire.wordings import PLAIN, Wordings

T = TypeVar("T")
_MOST_NAMES, _LONGEST_NAME = 32, 256

_LOCATED = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_BOUND = re.compile(r"Expected `(\w+)` (>=|<=|>|<) (\S+)")
_MISMATCH = re.compile(r"Expected `str` matching regex '(.+)'")
_LENGTH = re.compile(r"Expected `(\w+)` of length (>=|<=) (\d+)")


class Body(Generic[T]):
    """Decodes bodies into one type."""

    def __init__(self, of: type[T], wordings: Wordings = PLAIN) -> None:
        self._decoder = msgspec.json.Decoder(of)
        self._type = of
        self._wordings = wordings

    def decode(self, body: bytes, *, at: str = "") -> T:
        """The parameters, or `InvalidRequest`; `at` is the place in a body that this is a part of."""
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise self._refusal(str(error), body, at) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedJson(str(error)) from None

    def _refusal(self, text: str, body: bytes, at: str) -> InvalidRequest:
        located = _LOCATED.match(text)
        what, path = (located["what"], located["path"] or "$") if located else (text, "$")
        try:
            whole: object = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return MalformedJson(str(error))
        kind = inspect.type_info(self._type)
        steps: list[str | int] = []
        for step in _STEP.finditer(path):
            if step["index"] == "...":
                steps.append(misfit(value_at(whole, steps), type_at(kind, steps, whole)))
            else:
                steps.append(step["key"] or int(step["index"]))
        if not steps and not at and _UNKNOWN.match(what):
            return UnknownArguments(self._unknown_members(whole))
        words = declared_words(self._type)
        place = _Place(f"{at}{name_of(steps)}", value_at(whole, steps), words, self._wordings)
        return place.refuse(what, type_at(kind, steps, whole))

    def _unknown_members(self, whole: object) -> Iterable[str]:
        """The members of a body that its type does not have, at most as many as fit a message."""
        known = set(self._type.__struct_encode_fields__)  # type: ignore[attr-defined]  # a Struct
        unknown = [name[:_LONGEST_NAME] for name in as_object(whole) if name not in known]
        return unknown[:_MOST_NAMES]


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of an error in a body, in the service's notation, and the value there."""

    name: str
    value: object
    words: Words
    """The words of each choice in the order that refusals have."""
    wordings: Wordings

    def inner(self, field: str) -> str:
        return f"{self.name}.{field}" if self.name else field

    def refuse(self, what: str, expected: inspect.Type | None) -> InvalidRequest:
        if missing := _MISSING.match(what):
            return missing_parameter(self.inner(missing[1]))
        if unknown := _UNKNOWN.match(what):
            return self._unknown(unknown[1])
        if length := _LENGTH.match(what):
            return self._wrong_length(length[1], length[2], int(length[3]))
        if mismatch := _MISMATCH.match(what):
            return InvalidRequest(
                f"Invalid '{self.name}': string does not match pattern. Expected a string that "
                f"matches the pattern '{_unquoted(mismatch[1])}'.",
                param=self.name,
                code="invalid_value",
            )
        if bound := _BOUND.match(what):
            return self._out_of_bounds(bound[1], bound[2], bound[3])
        if what.startswith("Invalid "):
            return self._not_supported(expected)
        return self._wrong_type(what, expected)

    def _unknown(self, field: str) -> InvalidRequest:
        name = self.inner(field)
        return InvalidRequest(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")

    def _wrong_length(self, kind: str, side: str, bound: int) -> InvalidRequest:
        kind, noun = ("array", "an array") if kind == "array" else ("string", "a string")
        length = len(self.value) if isinstance(self.value, Sized) else 0
        if side == "<=":
            return InvalidRequest(
                f"Invalid '{self.name}': {kind} too long. Expected {noun} with maximum length "
                f"{bound}, but got {noun} with length {length} instead.",
                param=self.name,
                code=f"{kind}_above_max_length",
            )
        return InvalidRequest(
            f"Invalid '{self.name}': empty {kind}. Expected {noun} with minimum length {bound}, but "
            f"got an empty {kind} instead.",
            param=self.name,
            code=f"empty_{kind}",
        )

    def _out_of_bounds(self, kind: str, side: str, bound: str) -> InvalidRequest:
        kind = "decimal" if kind == "float" else "integer"
        above = side.startswith("<")
        return InvalidRequest(
            f"Invalid '{self.name}': {kind} {'above maximum' if above else 'below minimum'} value. "
            f"Expected a value {side} {bound.removesuffix('.0')}, but got {self.value} instead.",
            param=self.name,
            code=f"{kind}_{'above_max' if above else 'below_min'}_value",
        )

    def _not_supported(self, expected: inspect.Type | None) -> InvalidRequest:
        allowed = allowed_values(expected, self.name.rpartition(".")[2])
        ordered = self.words.get(frozenset(allowed), allowed)
        listed = either(self.wordings.listed(self.name, ordered), "and")
        return InvalidRequest(
            f"Invalid value: '{self.value}'. Supported values are: {listed}.",
            param=self.name,
            code="invalid_value",
        )

    def _wrong_type(self, what: str, expected: inspect.Type | None) -> InvalidRequest:
        if not self.name:
            return MalformedJson(in_words(what))
        if what == "Number out of range":
            return InvalidRequest(
                f"Invalid '{self.name}': number out of range.",
                param=self.name,
                code="invalid_value",
            )
        return InvalidRequest(
            f"Invalid type for '{self.name}': expected {self._noun(what, expected)}, but got "
            f"{kind_of(self.value)} instead.",
            param=self.name,
            code="invalid_type",
        )

    def _noun(self, what: str, expected: inspect.Type | None) -> str:
        if own := self.wordings.kind(self.name):
            return own
        # A tag (a role, a part's type) is no field, so the type at its place is the tagged objects.
        if what.startswith("Expected `str`") and not is_choice(expected):
            return "a string"
        return expected_kind(expected, self.words)


def _unquoted(pattern: str) -> str:
    """A pattern as the service writes it: msgspec shows its backslashes twice, and Python's own `$` would
    let a last newline pass."""
    return pattern.replace("\\\\", "\\").replace("\\Z", "$")
