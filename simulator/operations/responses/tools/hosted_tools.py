"""The tools that are built into the service, and which of them each model takes (reported by users, with
these words)."""

from collections.abc import Collection, Mapping
from typing import Literal

from msgspec import Struct

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest


class ToolDefinition(Struct, tag_field="type", frozen=True):
    """A tool of a request, of any type."""


class _FileSearch(ToolDefinition, tag="file_search", frozen=True):
    vector_store_ids: list[str]


class _CodeInterpreter(ToolDefinition, tag="code_interpreter", frozen=True):
    container: str | dict[str, object]


class _Mcp(ToolDefinition, tag="mcp", frozen=True):
    server_label: str


class WebSearch(ToolDefinition, tag="web_search", frozen=True):
    pass


class WebSearchPreview(ToolDefinition, tag="web_search_preview", frozen=True):
    pass


class _ImageGeneration(ToolDefinition, tag="image_generation", frozen=True):
    pass


class _ComputerUse(ToolDefinition, tag="computer_use_preview", frozen=True):
    pass


class _LocalShell(ToolDefinition, tag="local_shell", frozen=True):
    pass


class _Shell(ToolDefinition, tag="shell", frozen=True):
    pass


class _ApplyPatch(ToolDefinition, tag="apply_patch", frozen=True):
    pass


class _Computer(ToolDefinition, tag="computer", frozen=True):
    pass


class ToolSearch(ToolDefinition, tag="tool_search", frozen=True):
    execution: Literal["server", "client"] | None = None
    description: str | None = None
    parameters: dict[str, object] | None = None

    @property
    def of_client(self) -> bool:
        """True if the client searches, and not the service."""
        return self.execution == "client"


HostedTool = (
    _FileSearch
    | _CodeInterpreter
    | _Mcp
    | WebSearch
    | WebSearchPreview
    | _ImageGeneration
    | _ComputerUse
    | _LocalShell
    | _Shell
    | _ApplyPatch
    | _Computer
    | ToolSearch
)
"""They are taken and shown again: `apply_patch` was seen on Azure (users, 2026-02), the others from the shell
on are what OpenAI's service takes."""


# The names of tools in refusals, where they are not the types.
_SHOWN = {"image_generation": "image_gen"}
_NOT_WITH_MINIMAL = ("image_generation", "web_search", "web_search_preview")
_LITE_HEADER = "x-openai-internal-codex-responses-lite"
_OF_LITE = frozenset({"function", "custom", "tool_search"})
_RESEARCH = frozenset({"web_search", "web_search_preview", "mcp", "file_search"})


def check_hosted_tools(kinds: Collection[str], model: Model, effort: str | None) -> None:
    """Raises `InvalidRequest`; `kinds` are the types of the tools, `effort` is the one that is used."""
    if "computer_use_preview" in kinds and model.name != "computer-use-preview":
        raise _refusal(f"Tool 'computer_use_preview' is not supported with {model.wire_name}.")
    if "tool_search" in kinds and not capabilities_of(model).tool_search:
        raise _refusal(f"Tool 'tool_search' is not supported with {model.wire_name}.")
    refused = [kind for kind in kinds if kind in capabilities_of(model).refused_tools]
    if refused:
        raise _refusal(f"Tool '{refused[0]}' is not supported with {model.wire_name}.")
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


def check_lite(headers: Mapping[str, str], kinds: Collection[str]) -> None:
    """Refuse what Codex's reduced protocol does not have (users of Azure, 2026-07)."""
    if headers.get(_LITE_HEADER) == "true" and not _OF_LITE.issuperset(kinds):
        raise InvalidRequest(
            "X-OpenAI-Internal-Codex-Responses-Lite only supports function tools, custom tools, and "
            "client-executed tool search.",
            param="tools",
            code="unsupported_value",
        )


def _refusal(message: str) -> InvalidRequest:
    return InvalidRequest(message, param="tools")
