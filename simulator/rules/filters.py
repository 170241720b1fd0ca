"""The content filter's actions that rules can have."""

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from simulator.catalogue.content_filter import ALL_CATEGORIES, CATEGORIES, Source
from simulator.catalogue.phrases import Phrases, has_words
from simulator.content_filter.answers import Shape
from simulator.content_filter.findings import Findings, findings_of
from simulator.content_filter.screening import Cut, FilterAction
from simulator.rules.errors import BadRule, hint
from simulator.rules.fields import FilterFields, RuleFields

_PLACES = ("after_tokens", "at")
_MOST_TOKENS = 1_000_000_000
_LONGEST_WORD = 128


def filter_action(rule: str, fields: RuleFields) -> FilterAction | None:
    """Return the rule's filter; raises `BadRule` for one that means nothing."""
    given = fields.filter
    if given is UNSET:
        return None
    notes = given.annotate
    action = FilterAction(
        _findings(rule, "filter.prompt", given.prompt, "prompt"),
        _cut(rule, given),
        _findings(rule, "filter.annotate.prompt", notes and notes.prompt, "prompt", noted=True),
        _findings(
            rule, "filter.annotate.completion", notes and notes.completion, "completion", noted=True
        ),
        charged=given.charged is not False,
        unavailable=given.unavailable is True,
    )
    _check_action(rule, action, fields)
    if given.charged is not None and not action.prompt:
        raise BadRule(rule, "it is for prompts that are blocked.", member="filter.charged")
    return action


def acts_on(action: FilterAction, shape: Shape | None) -> bool:
    """Return True if an operation of this shape can do what a rule's filter asks. Embeddings have no
    answer that is filtered, and show no annotations."""
    if shape is None:
        return False
    return shape != "embeddings" or bool(action.prompt) or action.unavailable


def _check_action(rule: str, action: FilterAction, fields: RuleFields) -> None:
    if action.unavailable and action != FilterAction(charged=action.charged, unavailable=True):
        raise BadRule(rule, "a filter that is down finds nothing.", member="filter.unavailable")
    if action == FilterAction(charged=action.charged):
        raise BadRule(
            rule,
            "it filters nothing: give it prompt, completion, annotate or unavailable.",
            member="filter",
        )
    if action.prompt and (fields.reply is not UNSET or fields.call is not UNSET):
        raise BadRule(
            rule, "a prompt that is blocked has no reply and no call.", member="filter.prompt"
        )


def _findings(
    rule: str,
    place: str,
    raw: Mapping[str, object] | None,
    source: Source,
    *,
    noted: bool = False,
) -> Findings:
    try:
        return findings_of(raw or {}, source, filtered=not noted)
    except ValueError as error:
        category, problem = error.args
        raise BadRule(
            rule, _sentence(str(problem)), member=f"{place}.{str(category)[:60]}"
        ) from None


def _sentence(problem: str) -> str:
    return problem if problem.endswith("?") else f"{problem}."


def _cut(rule: str, given: FilterFields) -> Cut | None:
    raw = given.completion
    if raw is None:
        return None
    place = "filter.completion"
    categories = {name: value for name, value in raw.items() if name not in _PLACES}
    for name in categories:
        if name not in ALL_CATEGORIES:
            known = (*CATEGORIES["completion"], *_PLACES)
            raise BadRule(
                rule, f"there is no such member.{hint(name, known)}", member=f"{place}.{name[:60]}"
            )
    findings = _findings(rule, place, categories, "completion")
    if not findings:
        raise BadRule(rule, "say what is found: give it a category.", member=place)
    return Cut(findings, _after(rule, raw), _at(rule, raw))


def _after(rule: str, raw: Mapping[str, Any]) -> int:
    count: object = raw.get("after_tokens", 0)
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MOST_TOKENS:
        raise BadRule(
            rule,
            f"expected a number from 0 to {_MOST_TOKENS}.",
            member="filter.completion.after_tokens",
        )
    return count


def _at(rule: str, raw: Mapping[str, Any]) -> Phrases | None:
    word: object = raw.get("at")
    if word is None and "at" not in raw:
        return None
    if not isinstance(word, str) or not has_words(word) or len(word) > _LONGEST_WORD:
        raise BadRule(
            rule,
            f"expected a word, or several, of {_LONGEST_WORD} characters at most.",
            member="filter.completion.at",
        )
    if "after_tokens" in raw:
        raise BadRule(rule, "give one of after_tokens and at.", member="filter.completion")
    return Phrases({"": (word,)})
