"""Filler text of an exact number of tokens, made without running a tokenizer.

Each word of vocabulary.txt is, with the space before it, one token in cl100k_base, o200k_base and
o200k_harmony, and so is each full stop and comma between them; scripts/build_vocabulary.py sees to
that. So a text is a list of pieces, one token each. A long run of sentences is made once a process, and
an answer is a slice of it that begins with a sentence.
"""

import functools
import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

VOCABULARY = Path(__file__).with_name("vocabulary.txt")

_RUN_TOKENS = 20_000
_RUN_SEED = 1

_SENTENCES = (
    "start adjective noun verb determiner noun preposition determiner adjective noun .",
    "start noun adverb verb determiner adjective noun .",
    "start noun verb determiner noun conjunction determiner adjective noun verb determiner noun .",
    "opening , determiner noun verb determiner adjective noun preposition determiner noun .",
    "start adjective noun preposition determiner noun adverb verb determiner noun .",
    "opening , determiner adjective noun verb determiner noun and verb determiner noun .",
    "start noun preposition determiner noun verb determiner adjective adjective noun .",
    "start noun verb determiner noun , conjunction determiner noun adverb verb determiner noun .",
)

_JSON_HEAD = ('{"', "answer", '":"')
_JSON_TAIL = '"}'
JSON_MINIMUM = len(_JSON_HEAD) + 2
"""Tokens of the shortest JSON object."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of sentences in pieces, and as a text in which each piece starts at one of the `places`;
    the positions of the pieces with which sentences start; words that may end one."""

    pieces: list[str]
    text: str
    places: Sequence[int]
    starts: Sequence[int]
    closing: Sequence[str]


class FillerText:
    """Makes filler text; nothing in it needs escaping in JSON. The first one takes about 15 ms."""

    def __init__(self) -> None:
        self._run = _run()

    def pieces(self, count: int, rng: random.Random) -> list[str]:
        """A text of `count` tokens (0 or more), one string per token; from 2 on it ends a sentence.

        The same state of `rng` gives the same text.
        """
        return self.passage(count, rng)[0]

    def text(self, count: int, rng: random.Random) -> str:
        """The pieces as one string."""
        return self.passage(count, rng)[1]

    def passage(self, count: int, rng: random.Random) -> tuple[list[str], str]:
        """The pieces of a text, and all of it, which is not joined from them: it is a slice of the run, but
        for its end."""
        if not count:
            return [], ""
        run, start = self._run, _one_of(self._run.starts, rng)
        pieces = self._words(count, start)
        if count < 2:
            return pieces, "".join(pieces)
        pieces[-1] = "."
        self._end_with_word(pieces, -2, rng)
        last = start + count - 2
        if last >= len(run.pieces):
            return pieces, "".join(pieces)
        text = f"{run.text[run.places[start] : run.places[last]]}{pieces[-2]}."
        return pieces, text.lstrip()

    def json_pieces(self, count: int, rng: random.Random) -> list[str]:
        """A JSON object of `count` tokens, one string per token, with the text under "answer".

        Below 5 tokens it is the beginning of one: such an answer was cut for its length.
        """
        size = max(count, JSON_MINIMUM) - len(_JSON_HEAD) - 1
        words = self._words(size, _one_of(self._run.starts, rng))
        self._end_with_word(words, -1, rng)
        return [*_JSON_HEAD, *words, _JSON_TAIL][:count]

    def _words(self, count: int, start: int) -> list[str]:
        """`count` pieces of the run, 1 or more, from one on, cut wherever they end."""
        run = self._run
        pieces = run.pieces[start : start + count]
        while len(pieces) < count:
            pieces += run.pieces[: count - len(pieces)]
        pieces[0] = pieces[0].lstrip()
        return pieces

    def _end_with_word(self, pieces: list[str], index: int, rng: random.Random) -> None:
        """Put a word in the place of punctuation that would become one token with what follows."""
        if pieces[index] in {".", ","}:
            pieces[index] = _one_of(self._run.closing, rng)


@functools.cache
def _run() -> _Run:
    """Return the same sentences each time: a process with several simulators makes them once."""
    words, sentences = _vocabulary(), [sentence.split() for sentence in _SENTENCES]
    rng = random.Random(_RUN_SEED)
    draw = rng.random
    pieces: list[str] = []
    starts: list[int] = []
    while len(pieces) < _RUN_TOKENS:
        starts.append(len(pieces))
        # Written out, not by `_one_of`: a start makes twenty thousand of them.
        pieces += [
            of_kind[int(draw() * len(of_kind))] if (of_kind := words.get(kind)) else kind
            for kind in _one_of(sentences, rng)
        ]
    places = list(itertools.accumulate(map(len, pieces), initial=0))
    return _Run(pieces, "".join(pieces), places, starts, words["closing"])


def _vocabulary() -> Mapping[str, list[str]]:
    """The words of each kind, with the space before them."""
    lines = VOCABULARY.read_text(encoding="utf-8").splitlines()
    kinds = (line.partition(":") for line in lines)
    return {kind: [f" {word}" for word in words.split()] for kind, _, words in kinds}


def _one_of(choices: Sequence[T], rng: random.Random) -> T:
    # Three times as fast as rng.choice.
    return choices[int(rng.random() * len(choices))]
