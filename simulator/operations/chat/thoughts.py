"""The reasoning of models of other makers that show it, as `reasoning_content` (the v1 document's own
member; which models have it: users of the service, 2025)."""

import heapq
from collections.abc import Iterator, Sequence

from simulator.catalogue.models import Model
from simulator.latency import Tempo
from simulator.messages import Chunk
from simulator.operations.chat.choice import Choice
from simulator.operations.chat.wire import EventTemplate

_SHOWN = frozenset(
    {"DeepSeek-R1", "DeepSeek-R1-0528", "MAI-DS-R1", "Kimi-K2-Thinking", "grok-3-mini"}
)
EFFORT = "medium"
"""These models think as long as those of OpenAI do by default."""


def shows_thoughts(model: Model) -> bool:
    return model.name in _SHOWN


def thought_chunks(
    template: EventTemplate, choices: Sequence[Choice], tempo: Tempo
) -> Iterator[Chunk]:
    """The events of the reasoning, side by side where there are several choices."""
    return heapq.merge(
        *(_one(template, index, choice, tempo) for index, choice in enumerate(choices)),
        key=lambda chunk: chunk.due,
    )


def _one(template: EventTemplate, index: int, choice: Choice, tempo: Tempo) -> Iterator[Chunk]:
    delta = template.plain(index).event
    moments = tempo.moments(1, len(choice.thought))
    for piece, due in zip(choice.thought, moments, strict=True):
        # The pieces of filler text have nothing that JSON escapes.
        yield Chunk(delta(f'"reasoning_content":"{piece}"'), due)
