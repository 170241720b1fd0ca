"""The document that rules are written in: `{"rules": [{…}, …]}`."""

import codecs
from collections.abc import Collection, Iterable, Sequence
from typing import Any, cast

import msgspec

from simulator.errors import InvalidRequest
from simulator.json_schema.json_values import as_object, is_array, is_object, nests_deeply
from simulator.rules.errors import BadRule, bad_member, hint
from simulator.rules.fields import RuleFields
from simulator.rules.matching import patterns_of
from simulator.rules.rule import Rule, rule_of

MOST_RULES = 10_000
LARGEST = 8 * 2**20
"""Bytes of a document."""

LONGEST_PATTERNS = 100_000
"""Characters of all regular expressions of a document."""

# The names that are made for rules of one source are none that are made for those of another, however
# many there will be.
HTTP_PREFIX = "rule"
FILE_PREFIX = "file-rule"
EXTENSION_PREFIX = "extension-rule"

_FORM = 'The document must be an object with a list: {"rules": [...]}.'

# Members that are reported of rules beside their own: a list of rules that was answered can be sent again.
_REPORTED = ("source", "matched", "acted", "left")

# Members that a rule for one request alone has no use for.
_LASTING = ("when", "times", "skip", "seed", "from", "until", "ttl")


def read_document(
    data: bytes, taken: Collection[str] = (), *, prefix: str = HTTP_PREFIX
) -> list[Rule]:
    """The rules of a document; one without a name becomes `PREFIX-N` with the first N that is free,
    also among the `taken`. Raises `InvalidRequest`."""
    document = _decoded(data)
    members = as_object(document)
    for name in members:
        if name != "rules":
            raise _bad(f"There is no such member: '{name[:60]}'.{hint(name, ['rules'])} {_FORM}")
    if not is_array(members.get("rules")):
        raise _bad(_FORM)
    return read_rules(cast("list[object]", members["rules"]), taken, prefix=prefix)


def read_rules(
    raw: Sequence[object], taken: Collection[str] = (), *, prefix: str = HTTP_PREFIX
) -> list[Rule]:
    if len(raw) > MOST_RULES:
        raise _bad(f"There are more than {MOST_RULES} rules.")
    read = [_read(one, index) for index, one in enumerate(raw)]
    check_patterns([fields for fields, _ in read])
    names = [fields.name for fields, _ in read]
    used = {name for name in names if name} | set(taken)
    rules: list[Rule] = []
    seen: set[str] = set()
    number = 1
    for index, (fields, shown) in enumerate(read):
        name = fields.name
        while name is None:
            if f"{prefix}-{number}" not in used:
                name = f"{prefix}-{number}"
            number += 1
        if name in seen:
            raise BadRule(f"'{name}'", "there is another one of this name.", member="name")
        seen.add(name)
        rules.append(rule_of(name, fields, shown, title=_title(shown, index)))
    return rules


def check_patterns(rules: Iterable[RuleFields]) -> None:
    """Raises `InvalidRequest`; a character of a pattern takes about a kilobyte, and much time."""
    length = sum(len(pattern) for fields in rules for pattern in patterns_of(fields.when))
    if length > LONGEST_PATTERNS:
        raise _bad(
            f"The regular expressions of all rules have more than {LONGEST_PATTERNS} characters."
        )


def read_header(text: str) -> list[Rule]:
    """The rule, or the list of rules, that a request carries for itself alone."""
    document = _decoded(text.encode("latin-1", "replace"))
    raw = cast("list[object]", document) if is_array(document) else [document]
    if not raw:
        raise _bad("There is no rule in the list.")
    for index, one in enumerate(raw):
        for member in _LASTING:
            if is_object(one) and member in one:
                raise BadRule(
                    _title(one, index), "it has no use for one request alone.", member=member
                )
    return read_rules(raw)


def read_switch(data: bytes) -> bool:
    """Return whether `{"enabled": …}` switches a rule on. Raises `InvalidRequest`."""
    members = as_object(_decoded(data))
    for name in members:
        if name != "enabled":
            raise _bad(f"There is no such member: '{name[:60]}'.{hint(name, ['enabled'])}")
    enabled = members.get("enabled")
    if not isinstance(enabled, bool):
        raise _bad('The document must be {"enabled": true} or {"enabled": false}.')
    return enabled


def _read(raw: object, index: int) -> tuple[RuleFields, dict[str, Any]]:
    title = _title(raw, index)
    if is_object(raw):
        raw = {name: value for name, value in raw.items() if name not in _REPORTED}
    try:
        fields = msgspec.convert(raw, RuleFields)
    except msgspec.ValidationError as error:
        raise bad_member(title, str(error)) from None
    except RecursionError:
        raise BadRule(title, "it is too deep.") from None
    return fields, cast("dict[str, Any]", raw)


def _title(raw: object, index: int) -> str:
    name = raw.get("name") if is_object(raw) else None
    return f"'{name[:80]}'" if isinstance(name, str) and name else f"rules[{index}]"


def _decoded(data: bytes) -> object:
    if len(data) > LARGEST:
        raise _bad(f"The document is larger than {LARGEST} bytes.")
    try:
        document: object = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(f"Not JSON: {error}.") from None
    if nests_deeply(document):
        raise _bad("The document is too deep.")
    return document


def _bad(why: str) -> InvalidRequest:
    return InvalidRequest(why, code="invalid_rule")
