"""The names of members that a prompt lists in words: "with the keys `name` and `age` (integer)"."""

import re
from collections.abc import Mapping, Sequence

from simulator.json_schema.sampling.kinds import kind_of_name
from simulator.synthesis.example_schema import schema_of_example, schema_of_text

MOST_NAMES = 64
_MOST_LEADS = 16
_LEAD = re.compile(
    r"\b(?:keys?|fields?|properties|attributes|members)\b"
    r"(?P<sure>[ \t]+(?:named|called|are|is))?(?P<colon>[ \t]*:)?\s*(?=['\"`\w*•-])"
    r"|\bjson\b[^.{}\n]{0,60}\b(?:with|containing|contains|including|includes|has|having)[ \t]+"
    r"(?:an?[ \t]+|the[ \t]+)?(?=['\"`])",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"(?:[-*•][ \t]+|\d+[.)][ \t]+)?"
    r"(?:(?P<mark>\*\*|['\"`])(?P<quoted>[\w$-]{1,60})(?P=mark)|(?P<bare>[A-Za-z_]\w{0,59}))"
    r"(?:[ \t]*\((?P<told>[^()\n]{1,200})\)|[ \t]*:[ \t]*(?P<about>[^\n,;]{1,200}))?"
)
_NEXT = re.compile(
    r"[ \t]*(?:[,;]\s*(?:(?:and|or)\b[ \t]*)?|(?:and|or|&)[ \t]+|\n[ \t]*(?=[-*•]|\d+[.)]))"
    r"(?:an?[ \t]+|the[ \t]+)?"
)
_NO_NAMES = frozenset(
    ("a", "above", "an", "and", "are", "as", "be", "below", "can", "following", "for", "from", "given",
     "have", "in", "is", "it", "like", "must", "not", "of", "on", "only", "or", "should", "that", "the",
     "these", "this", "to", "value", "values", "were", "which", "will", "with", "you", "your")
)  # fmt: skip
_WHOLE = frozenset(("age", "count", "rating", "percentage", "year", "temperature"))
_DECIMAL = frozenset(("amount", "share", "latitude", "longitude", "weight"))


def schema_of_names(text: str) -> Mapping[str, object] | None:
    """Return the schema of an object with the members that the text lists last; None without a list."""
    found: dict[str, Mapping[str, object]] = {}
    for number, lead in enumerate(_LEAD.finditer(text)):
        if number == _MOST_LEADS:
            break
        listed = _listed(text, lead.end(), surely=bool(lead["colon"] or lead["sure"]))
        found = listed or found
    if not found:
        return None
    return {**schema_of_example({}), "properties": found, "required": list(found)}


def _listed(text: str, at: int, *, surely: bool) -> dict[str, Mapping[str, object]]:
    found: dict[str, Mapping[str, object]] = {}
    while (item := _ITEM.match(text, at)) and len(found) < MOST_NAMES:
        name = item["quoted"] or item["bare"]
        if item["bare"] and name.lower() in _NO_NAMES:
            break
        surely = surely or item["quoted"] is not None
        found[name] = _schema_of(name, (item["told"] or item["about"] or "").strip(" ."))
        following = _NEXT.match(text, item.end())
        if following is None:
            break
        at = following.end()
    return found if surely or len(found) > 1 else {}


def _schema_of(name: str, told: str) -> Mapping[str, object]:
    if told:
        return schema_of_text(told)
    kind = kind_of_name(name)
    if kind in _WHOLE:
        return {"type": "integer"}
    return {"type": "number" if kind in _DECIMAL else "string"}


def named_schema(texts: Sequence[str], longest: int) -> Mapping[str, object] | None:
    """Return the schema of the newest text that lists names, within the newest `longest` characters."""
    left = longest
    for text in reversed(texts):
        if (found := schema_of_names(text[:left])) is not None:
            return found
        left -= len(text)
        if left <= 0:
            break
    return None
