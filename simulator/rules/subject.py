"""The subject of rules: a call, each of whose facts is worked out once at most."""

import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import msgspec

from simulator.budget import Budget, BudgetExceeded
from simulator.errors import InvalidRequest
from simulator.json_schema.json_values import is_array, is_object
from simulator.json_schema.patterns.matching import Search
from simulator.operations.base import Call, RequestSummary
from simulator.operations.form_operation import form_of
from simulator.wire.origin import host_label

logger = logging.getLogger(__name__)

LONGEST_TEXT = 1_000_000
"""Characters of a text that are searched."""
# A text in which any needle is found at once.
_SHORT = 4_096


class Subject:
    """A call as rules see it; `budget` is for all regular expressions that it is compared with."""

    def __init__(self, call: Call[Any], summary: RequestSummary, budget: Budget) -> None:
        self.call = call
        self.summary = summary
        self._budget = budget
        self._exhausted = False

    @property
    def operation(self) -> str:
        return self.call.operation.name

    @property
    def client(self) -> str:
        """The name of the key that the caller has."""
        return self.call.caller.name

    @functools.cached_property
    def deployment(self) -> str:
        found = self.call.deployment
        return found.name if found else self.call.path_parameters.get("deployment", "")

    @functools.cached_property
    def models(self) -> tuple[str, ...]:
        """The model's name, alone and with its version."""
        found = self.call.deployment
        return (found.model.name, found.model.wire_name) if found else ()

    @property
    def model(self) -> str:
        return self.models[0] if self.models else ""

    @functools.cached_property
    def resource(self) -> str:
        """The resource of the fleet, else the one that the host's name says."""
        if self.call.request.resource:
            return self.call.request.resource
        return host_label(self.headers)

    @property
    def headers(self) -> Mapping[str, str]:
        return self.call.request.headers

    @functools.cached_property
    def last_message(self) -> str:
        return self.summary.last_message[:LONGEST_TEXT]

    @functools.cached_property
    def messages(self) -> tuple[str, ...]:
        """All texts, the newest first, as far as they are searched."""
        kept: list[str] = []
        left = LONGEST_TEXT
        for text in reversed(self.summary.messages):
            kept.append(text[:left])
            left -= len(kept[-1])
        return tuple(kept)

    @functools.cached_property
    def body(self) -> object:
        """The JSON of the body, or the fields of a form; None for what is neither."""
        request = self.call.request
        try:
            if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
                return form_of(request).members()
            return msgspec.json.decode(request.body)
        except InvalidRequest:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def matches(self, pattern: Search, texts: tuple[str, ...]) -> bool:
        """Return True if one of the texts has a match; when the budget is used up, none has."""
        return self._in_time(lambda: any(pattern.found(text, self._budget) for text in texts))

    def contains(self, needles: Sequence[str], texts: tuple[str, ...]) -> bool:
        """Return True if one of the needles stands in one of the texts; when the budget is used up, none
        does."""
        if len(texts) == 1 and len(texts[0]) <= _SHORT:
            return any(needle in texts[0] for needle in needles)
        return self._in_time(
            lambda: any(self._stands_in(text, needle) for text in texts for needle in needles)
        )

    def _stands_in(self, text: str, needle: str) -> bool:
        """A search takes up to ten nanoseconds for a character of the text (measured)."""
        self._budget.work(1 + len(text) // 100)
        return needle in text

    def _in_time(self, search: Callable[[], bool]) -> bool:
        if self._exhausted:
            return False
        try:
            return search()
        except (BudgetExceeded, RecursionError):
            self._exhausted = True
            logger.warning("searching a text took the rules too long; it counts as no match")
            return False


def at_pointer(value: object, pointer: str) -> tuple[bool, object]:
    """Return True and the value at a JSON pointer (RFC 6901), or False if there is none."""
    if not pointer:
        return True, value
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if is_object(value) and key in value:
            value = value[key]
        elif is_array(value) and key.isdecimal() and len(key) < 9 and int(key) < len(value):
            value = cast("list[object]", value)[int(key)]
        else:
            return False, None
    return True, value
