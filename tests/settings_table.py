"""The settings that the settings page offers, by the name under which it offers them."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from simulator.settings import Setting, Settings


@dataclass(frozen=True, slots=True)
class Row:
    """A field of `Settings` with how it is read and what it is by default."""

    field: str
    setting: Setting
    default: Any

    @property
    def shown_default(self) -> str:
        """The default as one would write it in the environment; "" is unset."""
        if self.default is None:
            return ""
        if isinstance(self.default, bool):
            return str(self.default).lower()
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


OFFERED = {
    item.metadata["setting"].names[0]: Row(item.name, item.metadata["setting"], item.default)
    for item in dataclasses.fields(Settings)
    if item.metadata["setting"].allowed != "set by Azure"
}
