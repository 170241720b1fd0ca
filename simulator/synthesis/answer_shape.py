"""The shape of generated answers: how long they are, and in which style they are written."""

from typing import Literal

from msgspec import Struct

from simulator.latency import Spread

AnswerLength = Literal["natural", "max"]
AnswerStyle = Literal[
    "prose", "markdown", "echo", "ar", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh",
]  # fmt: skip
"""English prose, Markdown, the last message of the user, or a language by its ISO 639 code."""

NATURAL_LENGTH = Spread(150, 50)
"""The length of an answer that nothing bounds, in tokens, unless the settings set another."""


class AnswerShape(Struct, frozen=True):
    """`natural`: the length that an answer has by itself, in tokens. If it is `full`, an answer whose
    request sets a bound goes up to that bound; else only what the bound leaves no room for is cut."""

    natural: Spread = NATURAL_LENGTH
    full: bool = False
    style: AnswerStyle = "prose"

    def expected(self, asked: int | None) -> int:
        """Return the tokens to reckon with before an answer is drafted."""
        if asked is not None and self.full:
            return asked
        usual = round(self.natural.mean + 2 * self.natural.std_dev)
        return usual if asked is None else min(asked, usual)


NATURAL = AnswerShape()
FULL = AnswerShape(full=True)
