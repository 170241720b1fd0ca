"""One level of the document that is sampled, and what all levels share."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from simulator.json_schema.conformance import Conformance
from simulator.json_schema.errors import SearchExhausted
from simulator.json_schema.json_values import JsonValue
from simulator.json_schema.sampling.min_depth import MinDepths
from simulator.json_schema.sampling.strings import Words
from simulator.json_schema.sampling.token_budget import Lengths

_SHALLOW = 6


class Steps:
    """The steps left of a bounded search."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise SearchExhausted("no instance found in a bounded search")


@dataclass(frozen=True, slots=True)
class Level:
    """`sample` draws a value of a schema at a level, in a number of tokens; `name` is the property's
    that is drawn, `guided` says whether the schema's hints have a part.
    """

    root: Mapping[str, object]
    rng: random.Random
    words: Words
    lengths: Lengths
    min_depths: MinDepths
    conformance: Conformance
    steps: Steps
    sample: Callable[["Level", object, float], JsonValue]
    depth: int = 0
    guided: bool = False
    name: str = ""

    def hurried(self, room: float) -> bool:
        """Deep or short enough to leave out what is optional."""
        return self.depth >= _SHALLOW or room < 1

    def below(self, schema: object, room: float, name: str | None = None) -> JsonValue:
        """A value one level down, of a property of this name (None: of the same one); raises
        UnsatisfiableSchema."""
        inner = self.name if name is None else name
        return self.sample(replace(self, depth=self.depth + 1, name=inner), schema, room)

    def unguided(self) -> "Level":
        """A level like this one, without the schema's hints, which name too few different values."""
        return replace(self, guided=False)
