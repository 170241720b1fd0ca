"""A request that a client has sent, as the journal has it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.testing.control import SimulatorError


@dataclass(frozen=True, slots=True)
class SentRequest:
    """An entry of the journal; `docs/journal.md` names its members."""

    entry: Mapping[str, Any]

    @property
    def operation(self) -> str:
        return self.entry["operation"]

    @property
    def deployment(self) -> str | None:
        return self.entry.get("deployment")

    @property
    def status(self) -> int:
        return self.entry["status"]

    @property
    def json(self) -> Any:
        """The body of the request."""
        if "request" not in self.entry:
            raise SimulatorError("the server keeps no bodies; JOURNAL_BODIES=true makes it")
        return json.loads(self.entry["request"])
