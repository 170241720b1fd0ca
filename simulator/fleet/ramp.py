"""Numbers that go from one value to another over some seconds of the scenario's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Ramp:
    """A number that leaves `start` at the moment `begun`, and is the `target` after `over` seconds."""

    start: float
    target: float
    begun: float
    over: float

    def at(self, moment: float) -> float:
        """The value; a whole number where the target is one, and the start."""
        share = min(1.0, max(0.0, (moment - self.begun) / self.over))
        value = self.start + (self.target - self.start) * share
        whole = isinstance(self.start, int) and isinstance(self.target, int)
        return round(value) if whole else value


def at_moment(value: object, moment: float) -> Any:  # JSON, as it came
    """The value, each number in it that is on its way as it is at the moment."""
    if isinstance(value, Ramp):
        return value.at(moment)
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {name: at_moment(member, moment) for name, member in members.items()}
    return value


def on_its_way(before: object, target: object, begun: float, over: float) -> object:
    """The target, each number of which begins at the number that was there before; one that was not
    there is the target at once.
    """
    if isinstance(target, Mapping):
        old = cast("Mapping[str, object]", before if isinstance(before, Mapping) else {})
        members = cast("Mapping[str, object]", target)
        return {
            name: on_its_way(old.get(name), member, begun, over) for name, member in members.items()
        }
    start = before.at(begun) if isinstance(before, Ramp) else before
    if not (over and _is_number(start) and _is_number(target)):
        return target
    return Ramp(cast("float", start), cast("float", target), begun, over)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
