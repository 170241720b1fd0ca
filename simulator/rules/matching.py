"""The requests that a rule is for: the checks that its `when` comes to."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import msgspec

from simulator.json_schema.json_values import is_array, same
from simulator.json_schema.patterns.matching import Search
from simulator.json_schema.patterns.parsing import NotAPattern
from simulator.rules.errors import BadRule
from simulator.rules.fields import Texts, TextTest, When
from simulator.rules.subject import Subject, at_pointer

Check = Callable[[Subject], bool]


def listed(texts: Texts | None) -> tuple[str, ...]:
    """One text or several, as several."""
    if texts is None:
        return ()
    return (texts,) if isinstance(texts, str) else tuple(texts)


def checks_of(rule: str, when: When) -> tuple[Check, ...]:
    """Return the checks of a `when`, cheap ones first. Raises `BadRule` for a regular expression, a path or
    a pointer that is none, and for a member that is empty."""
    _check_members(rule, when)
    checks: list[Check] = [*_value_checks(when), *_request_checks(rule, when)]
    checks += _text_checks(rule, TextTest(contains=when.contains, matches=when.matches), "when")
    if when.any_message is not None:
        checks += _text_checks(rule, when.any_message, "when.any_message")
    return tuple(checks)


def patterns_of(when: When) -> tuple[str, ...]:
    """Return the regular expressions that a request is compared with."""
    others = listed(when.any_message.matches) if when.any_message else ()
    return (*listed(when.matches), *others)


def _value_checks(when: When) -> list[Check]:
    checks: list[Check] = []
    if when.stream is not None:
        checks.append(lambda subject, wanted=when.stream: subject.summary.streamed is wanted)
    for member, value in _VALUES.items():
        if wanted := listed(getattr(when, member)):
            checks.append(functools.partial(_any_of, value, frozenset(wanted)))
    return checks


def _request_checks(rule: str, when: When) -> list[Check]:
    checks: list[Check] = []
    if when.method is not None:
        methods = frozenset(method.upper() for method in listed(when.method))
        checks.append(lambda subject: subject.call.request.method in methods)
    if when.path is not None:
        paths = tuple(path.split("*") for path in listed(when.path))
        checks.append(lambda subject: any(_fits(subject.call.request.path, p) for p in paths))
    if when.header is not None:
        headers = {name.lower(): value for name, value in when.header.items()}
        checks.append(lambda subject: _headers_fit(subject.headers, headers))
    if when.body is not None:
        _check_pointers(rule, when.body)
        checks.append(lambda subject, wanted=when.body: _body_fits(subject.body, wanted))
    return checks


_VALUES: Mapping[str, Callable[[Subject], Sequence[str] | frozenset[str]]] = {
    "operation": lambda subject: (subject.operation,),
    "deployment": lambda subject: (subject.deployment,),
    "model": lambda subject: subject.models,
    "resource": lambda subject: (subject.resource,),
    "client": lambda subject: (subject.client,),
    "tool": lambda subject: subject.summary.tools,
    "tool_result": lambda subject: subject.summary.tool_results,
}


def _any_of(
    values: Callable[[Subject], Sequence[str] | frozenset[str]],
    wanted: frozenset[str],
    subject: Subject,
) -> bool:
    return not wanted.isdisjoint(values(subject))


def _last(subject: Subject) -> tuple[str, ...]:
    return (subject.last_message,)


def _every(subject: Subject) -> tuple[str, ...]:
    return subject.messages


def _text_checks(rule: str, test: TextTest, place: str) -> list[Check]:
    texts = _last if place == "when" else _every
    checks: list[Check] = []
    if needles := listed(test.contains):
        checks.append(lambda subject: subject.contains(needles, texts(subject)))
    if test.matches is not None:
        patterns = [_pattern(rule, one, f"{place}.matches") for one in listed(test.matches)]
        checks.append(
            lambda subject: any(subject.matches(pattern, texts(subject)) for pattern in patterns)
        )
    return checks


def _pattern(rule: str, pattern: str, member: str) -> Search:
    try:
        return Search.of(pattern)
    except (NotAPattern, RecursionError) as error:
        raise BadRule(rule, f"not a regular expression: {error}.", member=member) from None


def _fits(path: str, parts: Sequence[str]) -> bool:
    """Return True if a path is made of these parts, with anything between them."""
    head, *rest = parts
    if not rest:
        return path == head
    tail = rest.pop()
    if not path.startswith(head) or len(path) < len(head) + len(tail) or not path.endswith(tail):
        return False
    at, end = len(head), len(path) - len(tail)
    for part in rest:
        found = path.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _headers_fit(headers: Mapping[str, str], wanted: Mapping[str, object]) -> bool:
    """Values are compared as JSON: a header's text is a text, and what it says as JSON too."""
    return all(
        name in headers and any(_header_is(headers[name], one) for one in _options(value))
        for name, value in wanted.items()
    )


def _header_is(text: str, wanted: object) -> bool:
    if isinstance(wanted, str):
        return text == wanted
    try:
        return same(cast("object", msgspec.json.decode(text)), wanted)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _check_members(rule: str, when: When) -> None:
    """Raises `BadRule` for what would hold for every request, or for none."""
    for member in ("header", "body"):
        if getattr(when, member) == {}:
            raise BadRule(rule, "it is empty: give it a name and a value.", member=f"when.{member}")
    if when.any_message == TextTest():
        raise BadRule(rule, "it is empty: give it contains or matches.", member="when.any_message")
    for path in listed(when.path):
        if not path.startswith(("/", "*")):
            raise BadRule(
                rule,
                f"'{path[:60]}' is no path: it begins with '/' or '*'. "
                f"Did you mean '/{path[:60]}'?",
                member="when.path",
            )


def _check_pointers(rule: str, wanted: Mapping[str, object]) -> None:
    for pointer in wanted:
        if pointer and not pointer.startswith("/"):
            raise BadRule(
                rule,
                f"'{pointer[:60]}' is not a JSON pointer. Did you mean '/{pointer[:60]}'?",
                member="when.body",
            )


def _body_fits(body: object, wanted: Mapping[str, object]) -> bool:
    for pointer, value in wanted.items():
        there, found = at_pointer(body, pointer)
        if not there:
            return False
        if not same(found, value) and not any(same(found, one) for one in _options(value)):
            return False
    return True


def _options(value: object) -> Sequence[object]:
    return value if is_array(value) else (value,)
