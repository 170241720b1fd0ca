"""JSON texts that are instances of a schema, in tokens."""

import functools
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from simulator.budget import Budget, BudgetExceeded
from simulator.synthesis.filler_text import FillerText
from simulator.tokens.tokenizer import Tokenizer

# The shares of the wished size that are tried while a text comes out too long. The last text is as short
# as can be, whatever hints and names suggest.
_SHARES = (1.0, 0.6, 0.3, 0.0)


class JsonPieces(NamedTuple):
    """A JSON text, one string for each token; not `whole` if it is only the beginning of one."""

    pieces: list[str]
    whole: bool


@dataclass(frozen=True, slots=True)
class JsonText:
    """Writes instances; their free strings are filler text."""

    filler_text: FillerText
    tokenizer: Tokenizer

    def instance(
        self,
        schema: Mapping[str, object],
        rng: random.Random,
        *,
        encoding: str,
        size: int,
        most: int,
        budget: Budget,
        guided: bool = False,
    ) -> JsonPieces:
        """An instance as compact JSON, which is how the real service writes it.

        It is of about `size` tokens, and shorter where that makes it fit into `most`; if even the
        shortest one found does not, its first `most` pieces. `guided`: the values are what the schema's
        hints and names suggest, and of a natural length. Raises UnsatisfiableSchema.
        """
        # Imported on first use: few answers are drawn, and a start waits for 25 ms less.
        from simulator.json_schema.sampling.sampler import instance

        words = self.filler_text.text
        draw = functools.partial(instance, schema, rng, words, budget)
        pieces: list[str] = []
        for share in _SHARES:
            value = draw(size=max(1, round(size * share)), guided=guided and share > 0)
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            pieces = self.tokenizer.split(text, encoding)
            if len(pieces) <= most:
                break
        return JsonPieces(pieces[:most], len(pieces) <= most)


def conforms(text: str, schema: Mapping[str, object], budget: Budget) -> bool:
    """Return True if the text is JSON of this schema, or if it takes too long to see."""
    from simulator.json_schema.conformance import Conformance
    from simulator.json_schema.patterns.matching import Matcher

    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    try:
        return Conformance(schema, Matcher(budget)).holds(value, schema)
    except BudgetExceeded:
        return True
