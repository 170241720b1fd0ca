"""The content filter of a deployment: its categories, and what is configured."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, cast

import msgspec

from simulator.catalogue.field_error import FieldError
from simulator.catalogue.phrases import Phrases, has_words
from simulator.json_schema.json_values import is_array, is_number, is_object
from simulator.suggestions import did_you_mean

Source = Literal["prompt", "completion"]
FilterMode = Literal["default", "async"]

HARMS = ("hate", "self_harm", "sexual", "violence")
SEVERITIES = ("low", "medium", "high")
BLOCKLISTS = "custom_blocklists"
CATEGORIES: Mapping[Source, tuple[str, ...]] = MappingProxyType(
    {
        "prompt": (*HARMS, "jailbreak", "indirect_attack", "profanity", "pii", BLOCKLISTS),
        "completion": (
            *HARMS,
            "protected_material_text",
            "protected_material_code",
            "profanity",
            "pii",
            BLOCKLISTS,
        ),
    }
)
"""The categories of prompts and of completions (Microsoft's page on annotations, 2026-03)."""
ALL_CATEGORIES = tuple(dict.fromkeys((*CATEGORIES["prompt"], *CATEGORIES["completion"])))

MOST_LISTS = 16
MOST_WORDS = 2_000
"""The bound of all lists of a deployment together."""
LONGEST_WORD = 128
LONGEST_NAME = 64
LIST_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._ -]{{0,{LONGEST_NAME - 1}}}")


def _none() -> Mapping[str, float]:
    """The default of the rates. Python 3.11 takes no read-only mapping for one: it has no hash there."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ContentFilterPolicy:
    """The `contentFilter` of a deployment; `document` is how it was written."""

    document: str
    mode: FilterMode = field(default="default", compare=False)
    blocklists: Phrases = field(default_factory=lambda: Phrases({}), compare=False)
    annotate_only: frozenset[str] = field(default=frozenset(), compare=False)
    prompt_rates: Mapping[str, float] = field(default_factory=_none, compare=False, hash=False)
    completion_rates: Mapping[str, float] = field(default_factory=_none, compare=False, hash=False)

    @property
    def members(self) -> Mapping[str, object]:
        return cast("Mapping[str, object]", msgspec.json.decode(self.document))


def read_policy(raw: object) -> ContentFilterPolicy:
    """Return the policy as the file has it, which is `raw`. Raises `FieldError`."""
    members = _object(raw, "", ("mode", "blocklists", "annotateOnly", "rates"))
    rates = _object(members.get("rates", {}), "rates", ("prompt", "completion"))
    return ContentFilterPolicy(
        msgspec.json.encode(raw).decode(),
        _mode(members.get("mode", "default")),
        _blocklists(members.get("blocklists", {})),
        _annotate_only(members.get("annotateOnly", [])),
        _rates(rates.get("prompt", {}), "prompt"),
        _rates(rates.get("completion", {}), "completion"),
    )


def problem_with(category: str, source: Source) -> str:
    """Return what is wrong with the name of a category of a source; "" if nothing is."""
    if category in CATEGORIES[source]:
        return ""
    if category in ALL_CATEGORIES:
        other = "completions" if source == "prompt" else "prompts"
        return f"{category} is looked for in {other} alone"
    return f"no such category; {did_you_mean(category, CATEGORIES[source])}"


def _object(raw: object, place: str, known: Iterable[str]) -> Mapping[str, object]:
    if not is_object(raw):
        raise FieldError(place, "expected an object")
    for name in raw:
        if name not in known:
            raise FieldError(_at(place, name), f"no such member; {did_you_mean(name, known)}")
    return raw


def _at(place: str, name: str) -> str:
    return f"{place}.{name[:60]}" if place else name[:60]


def _mode(raw: object) -> FilterMode:
    modes: tuple[FilterMode, ...] = ("default", "async")
    for mode in modes:
        if raw == mode:
            return mode
    raise FieldError("mode", did_you_mean(raw if isinstance(raw, str) else "", modes))


def _blocklists(raw: object) -> Phrases:
    if not is_object(raw):
        raise FieldError("blocklists", "expected an object of lists of words by name")
    if len(raw) > MOST_LISTS:
        raise FieldError("blocklists", f"there are more than {MOST_LISTS} lists")
    lists = {name: _words(name, words) for name, words in raw.items()}
    if sum(map(len, lists.values())) > MOST_WORDS:
        raise FieldError("blocklists", f"there are more than {MOST_WORDS} words")
    return Phrases(lists)


def _words(name: str, raw: object) -> tuple[str, ...]:
    place = _at("blocklists", name)
    if not LIST_NAME.fullmatch(name):
        raise FieldError(
            place,
            "a list's name is a letter or digit, then letters, digits, '-', '_', '.' or blanks, "
            f"{LONGEST_NAME} at most",
        )
    if not is_array(raw) or not raw:
        raise FieldError(place, "expected a list of words")
    return tuple(_word(place, word) for word in raw)


def _word(place: str, raw: object) -> str:
    if not isinstance(raw, str) or not has_words(raw) or len(raw) > LONGEST_WORD:
        raise FieldError(place, f"a word is a text of {LONGEST_WORD} characters at most")
    return raw


def _annotate_only(raw: object) -> frozenset[str]:
    if not is_array(raw):
        raise FieldError("annotateOnly", "expected a list of categories")
    for category in raw:
        if category not in ALL_CATEGORIES:
            name = category if isinstance(category, str) else ""
            raise FieldError(
                "annotateOnly", f"no such category; {did_you_mean(name, ALL_CATEGORIES)}"
            )
    return frozenset(cast("list[str]", raw))


def _rates(raw: object, source: Source) -> Mapping[str, float]:
    place = f"rates.{source}"
    if not is_object(raw):
        raise FieldError(place, "expected an object of shares by category")
    return {name: _rate(_at(place, name), name, share, source) for name, share in raw.items()}


def _rate(place: str, category: str, share: object, source: Source) -> float:
    if problem := problem_with(category, source):
        raise FieldError(place, problem)
    if category == BLOCKLISTS:
        raise FieldError(place, "blocklists match words, and have no rate")
    if not is_number(share) or not 0 <= share <= 1:
        raise FieldError(place, "expected a number from 0 to 1")
    return float(share)
