"""Rules as a test writes them: when a request matches, this is its answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Categories = str | Sequence[str] | Mapping[str, Any]
Add = Callable[[Mapping[str, Any]], None]


class When:
    """The requests that match; each method says what they get, and adds the rule to the simulator."""

    def __init__(self, conditions: Mapping[str, Any], add: Add) -> None:
        self._conditions = conditions
        self._add = add

    def reply(
        self,
        answer: str | Mapping[str, Any],
        *more: str | Mapping[str, Any],
        times: int | None = None,
    ) -> None:
        """Answer with a text, with several in turn, or with an object as JSON."""
        self._rule("reply", [answer, *more] if more else answer, times)

    def call(self, tool: str, *, times: int | None = None, **arguments: Any) -> None:
        """Call a tool with these arguments."""
        self._rule("call", {tool: arguments}, times)

    def fail(
        self, kind: str, *, retry_after: float | None = None, times: int | None = None, **more: Any
    ) -> None:
        """Fail as Azure fails: `rate_limit`, `server_error`, `disconnect` and the other kinds of
        faults; `more` are the members of that kind.
        """
        given = more if retry_after is None else {**more, "retry_after": retry_after}
        self._rule("fault", {"kind": kind, **given}, times)

    def content_filter(
        self,
        *,
        prompt: Categories | None = None,
        completion: Categories | None = None,
        after_tokens: int | None = None,
        at: str | None = None,
        annotate: Mapping[str, Categories] | None = None,
        times: int | None = None,
    ) -> None:
        """Block the prompt, or cut the answer after some tokens or at a word, as the content filter
        does; `annotate` shows what is found and lets it pass.

        Categories are a name (`"violence"`), several, or an object of severities.
        """
        places = {"after_tokens": after_tokens, "at": at}
        given: dict[str, object] = {}
        if prompt is not None:
            given["prompt"] = _categories(prompt)
        if completion is not None:
            cut = {name: place for name, place in places.items() if place is not None}
            given["completion"] = {**_categories(completion), **cut}
        if annotate is not None:
            given["annotate"] = {side: _categories(found) for side, found in annotate.items()}
        self._rule("filter", given, times)

    def latency(
        self,
        *,
        first_token_ms: float | None = None,
        token_ms: float | None = None,
        factor: float | None = None,
        times: int | None = None,
    ) -> None:
        """Take this time instead."""
        figures = {"first_token_ms": first_token_ms, "token_ms": token_ms, "factor": factor}
        given = {name: figure for name, figure in figures.items() if figure is not None}
        self._rule("latency", given, times)

    def _rule(self, action: str, value: object, times: int | None) -> None:
        bounded = {} if times is None else {"times": times}
        self._add({"when": self._conditions, action: value, **bounded})


def _categories(found: Categories) -> dict[str, Any]:
    if isinstance(found, str):
        return {found: True}
    return dict(found) if isinstance(found, Mapping) else dict.fromkeys(found, True)
