"""Words and phrases that are searched for in texts: whole, and without case."""

import bisect
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

# Texts in Chinese and Japanese have no spaces: each character is a word of its own.
_ALONE = "\u3040-\u30ff\u3400-\u9fff"
LONGEST_HELD = 2_000
"""Characters that may wait for the rest of a phrase."""


# Compiled on their first use: classes of so many characters take 4 ms each, which a start need not wait for.
@functools.cache
def _run() -> re.Pattern[str]:
    return re.compile(rf"(?P<word>[^\W{_ALONE}]+)|[{_ALONE}]|[^\w\s]")


@functools.cache
def _word_end() -> re.Pattern[str]:
    return re.compile(rf"[^\W{_ALONE}]\Z")


class Found(NamedTuple):
    """A phrase in a text, and the name of the list that it is on."""

    at: int
    end: int
    name: str


@dataclass(slots=True)
class _Node:
    """A word of a phrase, and the words that may follow it; `name` ends a phrase."""

    following: "dict[str, _Node]" = field(default_factory=dict[str, "_Node"])
    name: str | None = None
    ordered: list[str] = field(default_factory=list[str])

    def begins(self, start: str) -> bool:
        """Return True if a word that may follow begins like this."""
        at = bisect.bisect_left(self.ordered, start)
        return at < len(self.ordered) and self.ordered[at].startswith(start)


class Phrases:
    """Lists of phrases by name. A search takes time in proportion to the text alone."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._root = _Node()
        for name, phrases in lists.items():
            for phrase in phrases:
                self._add(name, phrase)

    def __bool__(self) -> bool:
        return bool(self._root.following)

    def _add(self, name: str, phrase: str) -> None:
        node = self._root
        for run in _run().finditer(phrase):
            word = run[0].casefold()
            if word not in node.following:
                node.following[word] = _Node()
                bisect.insort(node.ordered, word)
            node = node.following[word]
        if node is not self._root and node.name is None:
            node.name = name

    def search(
        self, text: str, *, glued: bool = False, final: bool = True
    ) -> tuple[Found | None, int]:
        """Return the first phrase that ends, and the number of characters before it.

        Without one, how many characters can be no part of a phrase, whatever follows a text that is
        not `final`. A `glued` text begins within a word.
        """
        active: list[tuple[int, _Node]] = []
        for run in _run().finditer(text):
            start, end = run.span()
            word, is_word = run[0].casefold(), run["word"] is not None
            if glued and start == 0 and is_word:
                continue
            states = [*active, (start, self._root)]
            if is_word and end == len(text) and not final:
                return None, _held((at for at, node in states if node.begins(word)), len(text))
            active = []
            for begun, node in states:
                child = node.following.get(word)
                if child is not None and child.name is not None:
                    return Found(begun, end, child.name), begun
                if child is not None:
                    active.append((begun, child))
        return None, len(text) if final else _held((at for at, _ in active), len(text))


def _held(starts: Iterable[int], length: int) -> int:
    first = min(starts, default=length)
    return first if length - first <= LONGEST_HELD else length


def ends_in_word(text: str) -> bool:
    """Return True if a letter that follows would go on with the last word."""
    return _word_end().search(text[-1:]) is not None


def has_words(phrase: str) -> bool:
    return _run().search(phrase) is not None
