"""The interface through which arrays and objects draw their members."""

import random
from typing import Protocol

from simulator.json_schema.conformance import Conformance
from simulator.json_schema.json_values import JsonValue
from simulator.json_schema.sampling.strings import Words
from simulator.json_schema.sampling.token_budget import Extents


class Level(Protocol):
    """One level of the document drawn; it parts the drawing's modules, which need each other."""

    @property
    def rng(self) -> random.Random: ...
    @property
    def words(self) -> Words: ...
    @property
    def extents(self) -> Extents: ...
    @property
    def conformance(self) -> Conformance: ...

    @property
    def guided(self) -> bool: ...

    def hurried(self, room: float) -> bool:
        """Deep or short enough to leave out what is optional."""
        ...

    def below(self, schema: object, room: float, name: str | None = None) -> JsonValue:
        """A value one level down, of a property of this name (None: of the same one); raises
        UnsatisfiableSchema."""
        ...

    def unguided(self) -> "Level":
        """A level like this one, without the schema's hints, which name too few different values."""
        ...
