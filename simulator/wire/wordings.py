"""The places of a body that refusals describe in words of their own, as the real service does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Wordings:
    """Both are by place, an index of which is written `[]`."""

    kinds: Mapping[str, str]
    """The kinds that are expected at places, such as "an array of tools"."""
    values: Mapping[str, Sequence[str]]
    """The values that are listed as supported: more than are accepted here."""

    def kind(self, place: str) -> str | None:
        return self.kinds.get(_INDEX.sub("[]", place))

    def listed(self, place: str, accepted: Sequence[str]) -> Sequence[str]:
        """The values to list; a place that takes a single one names that alone."""
        more = self.values.get(_INDEX.sub("[]", place)) if len(accepted) > 1 else None
        return more or accepted


PLAIN = Wordings({}, {})
