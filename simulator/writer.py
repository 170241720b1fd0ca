"""What made-up answers say: how long they are, where they stop, how much was thought before."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from simulator.latency import Spread
from simulator.prose import Prose
from simulator.tokens import Tokenizer

FinishReason = Literal["stop", "length"]

# Reasoning tokens by effort, in steps of 64 as recordings show them (192 for "low", 2025-08): the
# least and the most number of steps. The default effort is medium.
_REASONING_STEP = 64
_REASONING_STEPS = {
    "none": (0, 0),
    "minimal": (0, 0),
    "low": (1, 4),
    "medium": (4, 16),
    "high": (16, 48),
    "xhigh": (48, 128),
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted of a text.

    `asked`: exactly so many tokens, reasoning counted in; None: a natural length. `room`: the tokens
    that the context window and the model's output limit leave. `effort`: None for a model that does
    not reason.
    """

    encoding: str
    room: int
    asked: int | None = None
    stops: tuple[str, ...] = ()
    json: bool = False
    effort: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A text in `pieces`, one for each event of a stream, and its tokens."""

    pieces: Sequence[str]
    tokens: int
    finish_reason: FinishReason
    reasoning: int = 0
    escapable: bool = False
    """Whether there may be characters in it that JSON escapes."""

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class Writer:
    """Writes drafts; `length` is the natural length of an answer, in tokens."""

    def __init__(self, prose: Prose, tokenizer: Tokenizer, length: Spread) -> None:
        self._prose = prose
        self._tokenizer = tokenizer
        self._length = length

    def draft(self, order: Order, rng: random.Random) -> Draft:
        """The same order and the same state of `rng` make the same draft."""
        reasoning = _reasoning(order.effort, rng)
        total = order.asked
        if total is None:
            total = reasoning + max(1, round(self._length.draw(rng) * 1000))
        cut = order.asked is not None or total > order.room
        total = min(total, order.room)
        reasoning = min(reasoning, total)
        if order.json:
            draft = self._json(total - reasoning, reasoning, cut, rng)
            return self._stopped(draft, order) if order.stops else draft
        pieces = self._prose.pieces(total - reasoning, rng)
        draft = Draft(pieces, len(pieces), "length" if cut else "stop", reasoning)
        return self._stopped(draft, order) if order.stops else draft

    def _json(self, tokens: int, reasoning: int, cut: bool, rng: random.Random) -> Draft:
        pieces = self._prose.json_pieces(tokens, rng)
        whole = bool(pieces) and pieces[-1].endswith("}")
        finish_reason = "length" if cut and not whole else "stop"
        return Draft(pieces, len(pieces), finish_reason, reasoning, escapable=True)

    def _stopped(self, draft: Draft, order: Order) -> Draft:
        """The draft up to its first stop sequence, which is not part of it."""
        text = draft.text
        found = [at for at in (text.find(stop) for stop in order.stops) if at >= 0]
        if not found:
            return draft
        text = text[: min(found)]
        kept: list[str] = []
        left = len(text)
        for piece in draft.pieces:
            if left <= 0:
                break
            kept.append(piece[:left])
            left -= len(piece)
        tokens = self._tokenizer.count(text, order.encoding)
        return replace(draft, pieces=kept, tokens=tokens, finish_reason="stop")


def _reasoning(effort: str | None, rng: random.Random) -> int:
    if effort is None:
        return 0
    least, most = _REASONING_STEPS[effort]
    return _REASONING_STEP * rng.randint(least, most)
