"""The settings that the settings page offers, by the name under which it offers them."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from simulator.configuration.setting_fields import Setting
from simulator.configuration.settings import Settings


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
        if isinstance(self.default, tuple):
            return ",".join(self.default)
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)


_DECLARED = [
    (item, item.metadata["setting"])
    for item in dataclasses.fields(Settings)
    if isinstance(item.metadata.get("setting"), Setting)
]
OFFERED = {
    setting.names[0]: Row(item.name, setting, item.default)
    for item, setting in _DECLARED
    if setting.allowed != "set by Azure"
}
