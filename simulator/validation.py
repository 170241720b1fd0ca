"""Request bodies decoded into typed parameters, and refused in the real service's words.

The wordings of OpenAI's own checks (`Invalid type for …`, `Missing required parameter: …`) are those
that models behind Azure answer with; msgspec says what is wrong and where, this module says it so.
"""

import math
import re
from collections.abc import Sized
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import msgspec
from msgspec import inspect

from simulator.errors import InvalidRequest

T = TypeVar("T")

MALFORMED = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
    "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
    "valid JSON. If you have trouble figuring out how to fix this, please contact us through our "
    "help center at help.openai.com.)"
)
# The limit on a text, in characters (Microsoft's quotas page).
MAX_CHARACTERS = 1_048_576

_LOCATED = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[\]]+)|\[(?P<index>\d+|\.\.\.)\]")
_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_BOUND = re.compile(r"Expected `(\w+)` (>=|<=|>|<) (\S+)")
_MISMATCH = re.compile(r"Expected `str` matching regex '(.+)'")
_LENGTH = re.compile(r"Expected `(\w+)` of length (>=|<=) (\d+)")


class Body(Generic[T]):
    """Decodes bodies into one type."""

    def __init__(self, of: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(of)
        self._type = of

    def decode(self, body: bytes) -> T:
        """The parameters, or `InvalidRequest`."""
        try:
            return self._decoder.decode(body)
        except msgspec.ValidationError as error:
            raise self._refusal(str(error), body) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise InvalidRequest(MALFORMED) from None

    def _refusal(self, text: str, body: bytes) -> InvalidRequest:
        located = _LOCATED.match(text)
        what, path = (located["what"], located["path"] or "$") if located else (text, "$")
        try:
            whole: object = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return InvalidRequest(MALFORMED)
        kind = inspect.type_info(self._type)
        steps: list[str | int] = []
        for step in _STEP.finditer(path):
            if step["index"] == "...":
                steps.append(_misfit(_value_at(whole, steps), _type_at(kind, steps, whole)))
            else:
                steps.append(step["key"] or int(step["index"]))
        return _Place(_name(steps), _value_at(whole, steps)).refuse(
            what, _type_at(kind, steps, whole)
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a body something is wrong, in the service's notation, and what stands there."""

    name: str
    value: object

    def inner(self, field: str) -> str:
        return f"{self.name}.{field}" if self.name else field

    def refuse(self, what: str, expected: inspect.Type | None) -> InvalidRequest:
        if missing := _MISSING.match(what):
            name = self.inner(missing[1])
            return InvalidRequest(
                f"Missing required parameter: '{name}'.",
                param=name,
                code="missing_required_parameter",
            )
        if unknown := _UNKNOWN.match(what):
            return self._unknown(unknown[1])
        if length := _LENGTH.match(what):
            return self._wrong_length(length[1], length[2], int(length[3]))
        if mismatch := _MISMATCH.match(what):
            return InvalidRequest(
                f"Invalid '{self.name}': string does not match pattern. Expected a string that "
                f"matches the pattern '{mismatch[1]}'.",
                param=self.name,
                code="invalid_value",
            )
        if bound := _BOUND.match(what):
            return self._out_of_bounds(bound[1], bound[2], bound[3])
        if what.startswith("Invalid "):
            return self._not_supported(expected)
        return self._wrong_type(what, expected)

    def _unknown(self, field: str) -> InvalidRequest:
        if not self.name:
            return InvalidRequest(f"Unrecognized request argument supplied: {field}")
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
        names = [f"'{name}'" for name in _allowed(expected, self.name.rpartition(".")[2])]
        last = f"{',' if len(names) > 2 else ''} and {names[-1]}"
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{last}"
        return InvalidRequest(
            f"Invalid value: '{self.value}'. Supported values are: {listed}.",
            param=self.name,
            code="invalid_value",
        )

    def _wrong_type(self, what: str, expected: inspect.Type | None) -> InvalidRequest:
        if not self.name:
            return InvalidRequest(MALFORMED)
        if what == "Number out of range":
            return InvalidRequest(
                f"Invalid '{self.name}': number out of range.",
                param=self.name,
                code="invalid_value",
            )
        # A tag (a role, a part's type) is no field, so the type at its place is the tagged objects.
        noun = "a string" if what.startswith("Expected `str`") else _expected(expected)
        return InvalidRequest(
            f"Invalid type for '{self.name}': expected {noun}, but got "
            f"{_kind_of(self.value)} instead.",
            param=self.name,
            code="invalid_type",
        )


def _name(steps: list[str | int]) -> str:
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return "".join(parts).removeprefix(".")


def _misfit(value: object, kind: inspect.Type | None) -> str:
    """The key of a mapping's first wrong member, which msgspec leaves out: it says `[...]`."""
    kinds = _members(kind) if kind else ()
    expected = next((m.value_type for m in kinds if isinstance(m, inspect.DictType)), None)
    members = _members_of(value)
    return next((key for key, member in members.items() if not _fits(member, expected)), "")


def _fits(value: object, kind: inspect.Type | None) -> bool:
    if isinstance(kind, inspect.UnionType):
        return any(_fits(value, member) for member in kind.types)
    if isinstance(kind, inspect.StructType):
        return _converts(value, kind.cls)
    if isinstance(kind, inspect.StrType):
        return isinstance(value, str)
    if isinstance(kind, inspect.NoneType):
        return value is None
    if not isinstance(kind, inspect.FloatType) or isinstance(value, bool):
        return False
    low = -math.inf if kind.ge is None else kind.ge
    high = math.inf if kind.le is None else kind.le
    return isinstance(value, int | float) and low <= value <= high


def _converts(value: object, kind: type[object]) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _value_at(value: object, steps: list[str | int]) -> object:
    for step in steps:
        if isinstance(step, int):
            items = cast("list[object]", value) if isinstance(value, list) else []
            value = items[step] if step < len(items) else None
        else:
            value = _members_of(value).get(step)
    return value


def _members_of(value: object) -> dict[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _type_at(kind: inspect.Type, steps: list[str | int], value: object) -> inspect.Type | None:
    """The type that the body's model has at a place: of a union, the member that fits the value."""
    for position, step in enumerate(steps):
        found = next(
            (
                inner
                for member in _members(kind)
                if (inner := _inner(member, step, _value_at(value, steps[:position]))) is not None
            ),
            None,
        )
        if found is None:
            # A tag that names no member of the union: the tags are what is allowed here.
            return kind
        kind = found
    return kind


def _inner(kind: inspect.Type, step: str | int, holder: object) -> inspect.Type | None:
    if isinstance(kind, inspect.ListType) and isinstance(step, int):
        return kind.item_type
    if isinstance(kind, inspect.DictType) and isinstance(step, str):
        return kind.value_type
    if isinstance(kind, inspect.StructType):
        tag = _members_of(holder).get(kind.tag_field) if kind.tag_field else None
        if kind.tag_field is None or tag == kind.tag:
            return next((f.type for f in kind.fields if f.encode_name == step), None)
    return None


def _members(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    if isinstance(kind, inspect.UnionType):
        return kind.types
    return (kind,)


def _allowed(kind: inspect.Type | None, field: str) -> list[str]:
    """The values that a field may have: words, or the tags of a union if it is their field."""
    words: list[str] = []
    tags: list[str] = []
    for member in _members(kind) if kind else ():
        if isinstance(member, inspect.LiteralType):
            words += [str(value) for value in member.values]
        elif isinstance(member, inspect.StructType) and member.tag_field == field:
            tags.append(str(member.tag))
    return tags or words or ["null"]


_NOUNS: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.LiteralType: "string",
    inspect.IntType: "integer",
    inspect.FloatType: "decimal",
    inspect.BoolType: "boolean",
    inspect.StructType: "object",
    inspect.DictType: "object",
    inspect.RawType: "object",
}


def _expected(kind: inspect.Type | None) -> str:
    nouns: list[str] = []
    for member in _members(kind) if kind else ():
        if isinstance(member, inspect.ListType):
            inner = _NOUNS.get(type(_members(member.item_type)[0]), "value")
            nouns.append(f"array of {inner}s")
        elif type(member) in _NOUNS:
            nouns.append(_NOUNS[type(member)])
    nouns = list(dict.fromkeys(nouns)) or ["value"]
    first = f"{_article(nouns[0])} {nouns[0]}"
    return first if len(nouns) == 1 else f"one of {first} or {' or '.join(nouns[1:])}"


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    for kind, noun in ((bool, "boolean"), (int, "integer"), (float, "decimal"), (str, "string")):
        if isinstance(value, kind):
            return f"{_article(noun)} {noun}"
    return "an array" if isinstance(value, list) else "an object"


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
