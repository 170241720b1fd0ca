"""Guidance for values: what a schema gives as examples, and what its names and descriptions suggest."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from simulator.json_schema.conformance import Conformance
from simulator.json_schema.json_values import JsonValue, count_at, plain, sequence_at
from simulator.json_schema.sampling.formats import FORMATS
from simulator.json_schema.sampling.kinds import is_vague, kind_of_name, kind_of_text, words_of
from simulator.json_schema.sampling.lifelike import NUMBERS, TEXTS, date_in
from simulator.json_schema.sampling.strings import Words

_MOST_EXAMPLES = 20
_ATTEMPTS = 3
_LONGEST_TEXT = 1_000
_FEW_WORDS = (3, 7)
_SENTENCE = (12, 30)
_PARAGRAPH = (60, 120)
_FRAGMENT = 3
_LONG = frozenset(("long", "detailed", "paragraph", "paragraphs", "essay", "sentences", "thorough"))

_EXAMPLE = re.compile(
    r"(?:\be\.g\.|\beg\b|\bfor example\b|\bfor instance\b|\bsuch as\b|\bexamples?:)[,:]?\s*"
    r"(?:'([^']{1,80})'|\"([^\"]{1,80})\"|`([^`]{1,80})`|([^'\"`();\n]{1,80}))",
    re.IGNORECASE,
)
_ENDS_SENTENCE = re.compile(r"\.(?:\s|$)|\)")
_DATE_FORM = re.compile(r"\b(YYYY|MM|DD)([-/. ]?)(YYYY|MM|DD)\2(YYYY|MM|DD)\b")
_STRFTIME = {"YYYY": "%Y", "MM": "%m", "DD": "%d"}
_OF_FORMAT = {
    "date": ("date",),
    "date-time": ("moment",),
    "email": ("email",),
    "idn-email": ("email",),
    "uri": ("url",),
    "url": ("url",),
    "iri": ("url",),
}
_ISO_MOMENT = re.compile(r"\b(?:ISO[ -]?8601|RFC[ -]?3339)\b", re.IGNORECASE)
_ISO_DATE = re.compile(r"\bdate\b(?!.*\btime\b)", re.IGNORECASE)
_ONE_WORD = r"['\"`]?[\w-]{1,40}['\"`]?"
_WORDS = rf"{_ONE_WORD}(?:, {_ONE_WORD}){{0,8}},? or {_ONE_WORD}"
_CHOICE = re.compile(
    rf"^\s*({_WORDS})\.?\s*$|\(({_WORDS})\)"
    rf"|\b(?:one of|either|options:|can be|must be|values:)\s*:?\s*({_WORDS})",
    re.IGNORECASE,
)
_CHOSEN = re.compile(r"\b(?!or\b)[\w-]+")
# Kinds of names that yield to a description, and kinds of descriptions that are more exact.
_YIELDING = frozenset(("query", "name", "identifier"))
_TELLING = frozenset(("email", "phone", "statement", "program", "formula", "ticker", "url"))
_CODES = {"country": "country code", "language": "language code"}
_CODE_WORDS = frozenset(("iso", "code", "letter", "alpha"))


def given(
    schema: Mapping[str, object], rng: random.Random, conformance: Conformance
) -> tuple[JsonValue] | None:
    """One of the schema's own examples, else its default, if it is an instance."""
    examples = list(sequence_at(schema, "examples")[:_MOST_EXAMPLES])
    if "example" in schema:  # OpenAPI
        examples.append(schema["example"])
    rng.shuffle(examples)
    if schema.get("default") is not None:
        examples.append(schema["default"])
    for value in examples:
        if conformance.holds(value, schema):
            return (plain(value),)
    return None


def suggested(
    schema: Mapping[str, object],
    name: str,
    of_type: object,
    rng: random.Random,
    conformance: Conformance,
) -> tuple[JsonValue] | None:
    """A string or a number as the property's name and description suggest, if one is an instance."""
    described = schema.get("description")
    text = described[:_LONGEST_TEXT] if isinstance(described, str) else ""
    # The title that pydantic writes is the property's name once more.
    kinds = _kinds_of(schema, name, text, textual=of_type == "string")
    for value in _values(str(of_type), kinds, text, rng):
        if conformance.holds(value, schema):
            return (value,)
    return None


def _values(
    of_type: str, kinds: Sequence[str], text: str, rng: random.Random
) -> Iterator[JsonValue]:
    textual = of_type == "string"
    if textual:
        yield from _quoted(text, rng)
        yield from _alternatives(text, rng)
        if _ISO_MOMENT.search(text):
            yield TEXTS["date" if _ISO_DATE.search(text) else "moment"](rng)
        if form := _DATE_FORM.search(text):
            yield date_in(form[2].join(_STRFTIME[form[part]] for part in (1, 3, 4)))(rng)
    table = TEXTS if textual else NUMBERS
    for kind in kinds:
        if (make := table.get(kind)) is not None:
            for _ in range(_ATTEMPTS):
                value = make(rng)
                yield int(value) if of_type == "integer" else value


def _kinds_of(
    schema: Mapping[str, object], name: str, text: str, *, textual: bool
) -> Sequence[str]:
    """The kinds to try, the likeliest first; none where the schema itself says more than names do."""
    form = schema.get("format")
    if textual and isinstance(form, str) and form in FORMATS:
        return _OF_FORMAT.get(form, ())
    if not textual and "minimum" in schema and "maximum" in schema:
        return ()
    named, told = kind_of_name(name), kind_of_text(text)
    yields = is_vague(name) or (named in _YIELDING and told in _TELLING)
    order = (told, named) if yields else (named, told)
    coded = _CODE_WORDS.intersection(words_of(text))
    return [_CODES.get(kind, kind) if coded else kind for kind in order if kind is not None]


def _quoted(text: str, rng: random.Random) -> list[str]:
    """The examples that a description gives in its words, in any order."""
    found: list[str] = []
    for match in _EXAMPLE.finditer(text):
        quoted = match[1] or match[2] or match[3]
        bare = _ENDS_SENTENCE.split(match[4] or "")[0].strip(" ,.")
        found += [one for one in (quoted, bare) if one]
    rng.shuffle(found)
    return found


def _alternatives(text: str, rng: random.Random) -> list[str]:
    """The words among which a description lets choose, in any order: `metric or imperial`."""
    found = _CHOICE.search(text)
    words = _CHOSEN.findall(found[1] or found[2] or found[3]) if found else []
    if any(kind_of_text(word) for word in words):  # It says which kinds of values there are.
        return []
    rng.shuffle(words)
    return words


def brief(schema: Mapping[str, object], name: str, words: Words) -> Words:
    """Words that make a few of them, a sentence or a paragraph, as the property suggests."""
    low, high = _lengths(schema, name)

    def written(room: int, rng: random.Random) -> str:
        del room
        return _without_fragment(words(rng.randint(low, high), rng))

    return written


def _without_fragment(text: str) -> str:
    """The text without one or two words of a sentence at its end."""
    whole, _, rest = text.rpartition(". ")
    return f"{whole}." if whole and rest.count(" ") < _FRAGMENT else text


def _lengths(schema: Mapping[str, object], name: str) -> tuple[int, int]:
    described = schema.get("description")
    text = described if isinstance(described, str) else ""
    if _LONG.intersection(words_of(text)):
        return _PARAGRAPH
    if count_at(schema, "minLength", 0) > 0:
        return _FEW_WORDS  # More words follow as they are needed.
    prose = "prose" in (kind_of_name(name), kind_of_text(text))
    return _SENTENCE if prose else _FEW_WORDS
