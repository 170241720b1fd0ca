"""The tools run by the service itself that each model takes (reported by users, with these words)."""

from collections.abc import Collection

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest

# What refusals call tools, where that is not their type.
_SHOWN = {"image_generation": "image_gen"}
_NOT_WITH_MINIMAL = ("image_generation", "web_search", "web_search_preview")
_RESEARCH = frozenset({"web_search", "web_search_preview", "mcp", "file_search"})


def check_hosted_tools(kinds: Collection[str], model: Model, effort: str | None) -> None:
    """Raises `InvalidRequest`; `kinds` are the types of the tools, `effort` is the one that is used."""
    if "computer_use_preview" in kinds and model.name != "computer-use-preview":
        raise _refusal(f"Tool 'computer_use_preview' is not supported with {model.wire_name}.")
    found = [_SHOWN.get(kind, kind) for kind in _NOT_WITH_MINIMAL if kind in kinds]
    if effort == "minimal" and found:
        raise _refusal(
            "The following tools cannot be used with reasoning.effort 'minimal': "
            f"{', '.join(found)}."
        )
    if model.name.endswith("-deep-research") and not _RESEARCH.intersection(kinds):
        raise _refusal(
            "Deep research models require at least one of 'web_search_preview', 'mcp', or "
            "'file_search' tools."
        )


def _refusal(message: str) -> InvalidRequest:
    return InvalidRequest(message, param="tools")
