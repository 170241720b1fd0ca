"""The parameters and values that a model takes, and what each api-version knows (R: reported by users)."""

from collections.abc import Iterable

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.capability_table import Capabilities
from simulator.catalogue.models import Model

FIRST_VERSIONS = {
    "function_call": "2023-07-01-preview",
    "functions": "2023-07-01-preview",
    "max_completion_tokens": "2024-09-01-preview",
    "parallel_tool_calls": "2024-08-01-preview",
    "stream_options": "2024-09-01-preview",
    "tool_choice": "2023-12-01-preview",
    "tools": "2023-12-01-preview",
}
"""The first api-version that knows a parameter of chat (R: an older one does not know the word)."""

PREDICTION_SINCE = "2025-01-01-preview"
"""The first api-version that takes `prediction` (R)."""

DEVELOPER_SINCE = "2024-12-01-preview"
"""The first api-version that knows the role `developer` (R)."""


def capabilities_of(model: Model) -> Capabilities:
    """The capabilities of a model, by its name and version."""
    return model.taken


def unknown_to(version: str, names: Iterable[str]) -> list[str]:
    """The names among these that an api-version does not know yet."""
    return [
        name
        for name in names
        if name in FIRST_VERSIONS and older_than(version, FIRST_VERSIONS[name])
    ]


def effort_of(asked: str | None, model: Model) -> str | None:
    """The reasoning effort of an answer; None for a model that does not reason."""
    taken = model.taken
    if not model.reasoning and "none" not in taken.efforts:
        return None
    return asked if asked is not None else taken.default_effort
