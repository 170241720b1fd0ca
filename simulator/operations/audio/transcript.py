"""The text and timing of a generated transcription: words and segments over the time of the
audio.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WORDS_PER_SECOND = 2.5
"""150 words a minute, the pace of ordinary speech."""

_MOST_WORDS = 100_000
_LONGEST_SEGMENT = 12
"""In words: about five seconds, as long as the real service's segments."""
_SENTENCE_END = (".", "?", "!")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, with its punctuation, and when it is said, in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Segment:
    """Words that belong together: a sentence, or a part of a long one."""

    words: Sequence[Word]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def end(self) -> float:
        return self.words[-1].end


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that is said; `seconds` is the playing time."""

    words: Sequence[Word]
    seconds: float

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def segments(self) -> Sequence[Segment]:
        segments: list[Segment] = []
        start = 0
        for end, word in enumerate(self.words, 1):
            full = end - start == _LONGEST_SEGMENT
            if full or end == len(self.words) or word.text.endswith(_SENTENCE_END):
                segments.append(Segment(self.words[start:end]))
                start = end
        return segments


def word_count(seconds: float) -> int:
    """The words that are said in a time; something is always said, and never more than in a day's
    work, whatever a broken file says of its length."""
    return min(max(1, round(seconds * WORDS_PER_SECOND)), _MOST_WORDS)


def transcript_of(text: str, seconds: float) -> Transcript:
    """The text's words spread over the time: longer ones take longer."""
    texts = text.split()
    # A word takes its letters, and the pause behind it.
    weights = [len(word) + 1 for word in texts]
    pace = seconds / max(1, sum(weights))
    words: list[Word] = []
    passed = 0
    for word, weight in zip(texts, weights, strict=True):
        words.append(Word(word, round(passed * pace, 2), round((passed + weight) * pace, 2)))
        passed += weight
    return Transcript(words, seconds)
