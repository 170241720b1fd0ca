"""The template of a route in the form of Azure Functions, parsed once for all that match it."""

from dataclasses import dataclass

from simulator.caching import cached


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment of a template: a `literal`; a `{parameter}`, with the literal after it; or, as the
    last one, `{*parameter}` for whatever follows.
    """

    literal: str
    parameter: str = ""
    open_ended: bool = False

    @property
    def rank(self) -> int:
        """0 for a literal, 1 for a parameter, 2 for an open end: the smaller is tried first."""
        return 2 if self.open_ended else int(bool(self.parameter))

    def value(self, text: str) -> str | None:
        """The parameter's value in the segment of a path; None if it does not fit."""
        value = text[: len(text) - len(self.literal)]
        return value if value and (value + self.literal).lower() == text.lower() else None

    def is_literally(self, text: str) -> bool:
        """Return True if the segment of a path is this literal, whose case does not matter."""
        return self.literal.lower() == text.lower()


def _segments(template: str) -> tuple[Segment, ...]:
    """No leading slash: an empty template has no segment."""
    return tuple(map(_segment, template.split("/"))) if template else ()


def _segment(text: str) -> Segment:
    if text.startswith("{*"):
        return Segment("", text[2:-1], open_ended=True)
    if text.startswith("{"):
        name, _, literal = text[1:].partition("}")
        return Segment(literal, name)
    return Segment(text)


segments_of = cached(_segments, most=1024)
