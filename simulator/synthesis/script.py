"""Scripts: answers that somebody has chosen instead of having them generated."""

from typing import Literal

from msgspec import Struct

ScriptKind = Literal["reply", "call", "embedding", "image", "transcript"]


class ScriptedCall(Struct, frozen=True):
    """A call of the tool of this name; `arguments` stand in the answer as they are here."""

    name: str
    arguments: str


class Script(Struct, frozen=True):
    """A text, or calls of tools, or what an operation of another kind answers. Texts are cut where the
    request's own limits leave no room for the rest."""

    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    vector: tuple[float, ...] | None = None
    """The embedding of each input."""
    like: str = ""
    """The text whose embedding is that of each input, without a vector."""
    image: bytes | None = None
    """A file of a picture; None where the one that was named cannot be read."""
