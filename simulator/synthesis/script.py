"""Scripts: answers that somebody has chosen instead of having them generated."""

from msgspec import Struct


class ScriptedCall(Struct, frozen=True):
    """A call of the tool of this name; `arguments` stand in the answer as they are here."""

    name: str
    arguments: str


class Script(Struct, frozen=True):
    """A text, or calls of tools. Cut where the request's own limits leave no room for the rest."""

    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
