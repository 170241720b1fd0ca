"""Texts in other styles than prose: Markdown, and other languages than English."""

import functools
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from simulator.synthesis.filler_text import FillerText
from simulator.tokens.tokenizer import Tokenizer

SENTENCES = Path(__file__).with_name("sentences.txt")
# Written without blanks between sentences.
_UNSPACED = frozenset(("ja", "zh"))
_PARAGRAPH = (2, 4)
"""Sentences, at least and at most."""


class StyledText:
    """Writes texts of whole sentences or blocks, and splits them into tokens."""

    def __init__(self, prose: FillerText, tokenizer: Tokenizer) -> None:
        self._prose = prose
        self._tokenizer = tokenizer

    def pieces(self, style: str, least: int, encoding: str, rng: random.Random) -> list[str]:
        """One string for each token, `least` of them or some more, up to the end of a sentence or block.

        The same state of `rng` gives the same text.
        """
        parts = self._markdown(rng) if style == "markdown" else _sentences(style, rng)
        needed = len(_BLOCKS) if style == "markdown" else 1
        text = "".join(itertools.islice(parts, needed))
        tokens = self._tokenizer.count(text, encoding)
        while True:
            while tokens < least:
                part = next(parts)
                text += part
                tokens += self._tokenizer.count(part, encoding)
            pieces = self._tokenizer.split(text.rstrip(), encoding)
            if len(pieces) >= least:
                return pieces
            # Where two parts meet, tokens have become fewer.
            tokens = len(pieces)

    def _markdown(self, rng: random.Random) -> Iterator[str]:
        """Blocks without an end: a heading, a paragraph, a list, a table, code, and again."""
        again = False
        while True:
            for block in _BLOCKS:
                written = block(self._words, rng)
                yield f"#{written}" if again and block is _heading else written
            again = True

    def _words(self, count: int, rng: random.Random) -> str:
        return self._prose.text(count, rng).rstrip(".").replace(",", "")


Words = Callable[[int, random.Random], str]


def _heading(words: Words, rng: random.Random) -> str:
    return f"# {words(4, rng)}\n\n"


def _paragraph(words: Words, rng: random.Random) -> str:
    return f"{words(rng.randint(15, 25), rng)}. **{words(3, rng)}** {words(6, rng).lower()}.\n\n"


def _list(words: Words, rng: random.Random) -> str:
    numbered = rng.random() < 1 / 2
    marks = [f"{number}." if numbered else "-" for number in range(1, 4)]
    return "".join(f"{mark} {words(rng.randint(4, 7), rng)}\n" for mark in marks) + "\n"


def _table(words: Words, rng: random.Random) -> str:
    rows = [f"| {words(2, rng)} | {rng.randint(1, 99)} |\n" for _ in range(3)]
    return "| Item | Value |\n| --- | --- |\n" + "".join(rows) + "\n"


def _code(words: Words, rng: random.Random) -> str:
    del words
    first, second = rng.randint(1, 99), rng.randint(1, 99)
    return f"```python\ntotal = {first} + {second}\nprint(total)\n```\n\n"


_BLOCKS = (_heading, _paragraph, _list, _table, _code)


@functools.cache
def _languages() -> Mapping[str, tuple[str, ...]]:
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    read = (line.partition(": ") for line in lines)
    return {code: tuple(sentences.split(" | ")) for code, _, sentences in read}


def _sentences(language: str, rng: random.Random) -> Iterator[str]:
    """Sentences without an end, in paragraphs; none comes again before all others have come."""
    known = list(_languages()[language])
    blank = "" if language in _UNSPACED else " "
    left = rng.randint(*_PARAGRAPH)
    while True:
        rng.shuffle(known)
        for sentence in known:
            left -= 1
            yield sentence + (blank if left else "\n\n")
            left = left or rng.randint(*_PARAGRAPH)
