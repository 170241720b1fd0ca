"""Counts of the tokens of texts by their words, each of which is tokenized once."""

import functools
import operator
from collections.abc import Callable, Iterator

MOST_WORDS = 32_768
LONGEST_WORD = 32
_EDGES = 4_096
_SHORT_LINE = 32
"""Characters of lines that are faster tokenized together."""
_INDENTED = "  "
"""The blanks that code is full of, and words have not before them."""
_LEARNED = 8
"""Words that one line may add: a text of new words is tokenized in one go, which is faster."""


class WordCounts:
    """Counts as `count_whole` does, which is the tokenizer's own count of a whole text.

    Every encoding begins a new piece before a space that follows anything but white space, and behind
    a line end that is followed by neither white space nor a slash. What lies between two such places
    has a count of its own.
    """

    def __init__(self, count_whole: Callable[[str], int], *, most: int = MOST_WORDS) -> None:
        self._count_whole = count_whole
        self._most = most
        self._words: dict[str, int] = {}
        """The count of each word with the space before it; none of them ends in white space."""
        self._edges = functools.lru_cache(_EDGES)(count_whole)

    def of(self, text: str) -> int:
        if "\n" not in text:
            return self._line(text)
        if text.count("\n") * _SHORT_LINE > len(text) or _INDENTED in text:
            return self._count_whole(text)
        return sum([self._line(line) for line in _lines(text)])

    def _line(self, line: str) -> int:
        words = line.split(" ")
        if len(words) < 4 or words[0][-1:].isspace():
            return self._count_whole(line)
        first, last = words.pop(0), words.pop()
        try:
            # All words in one call: a prompt has many, and each of them costs as little as it can.
            inner = sum(operator.itemgetter(*words)(self._words))
        except KeyError:
            return self._count_whole(line) if "" in words else self._learn(line, words)
        # The edges may have white space, and the first has no space before it.
        end = self._words.get(last)
        return self._edge(first) + inner + (self._edge(f" {last}") if end is None else end)

    def _edge(self, text: str) -> int:
        short = len(text) <= LONGEST_WORD
        return self._edges(text) if short else self._count_whole(text)

    def _learn(self, line: str, words: list[str]) -> int:
        """Add some of the words that are new, and return the count of the line."""
        known = self._words
        new = [word for word in words if word not in known and _stands_alone(word)]
        if len(known) >= self._most:
            known.clear()
        for word in new[:_LEARNED]:
            known[word] = self._count_whole(f" {word}")
        return self._count_whole(line)


def _stands_alone(word: str) -> bool:
    return 0 < len(word) <= LONGEST_WORD and not word[-1].isspace()


def _lines(text: str) -> Iterator[str]:
    """The lines of a text, with those before them whose end is no place to begin a piece."""
    start = 0
    end = text.find("\n") + 1
    while 0 < end < len(text):
        if not (text[end].isspace() or text[end] == "/"):
            yield text[start:end]
            start = end
        end = text.find("\n", end) + 1
    yield text[start:]
