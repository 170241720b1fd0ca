"""The table of what each model takes in a request.

One table for chat, completions and Responses. Grades: (M) Microsoft's page on reasoning models,
2026; (S) seen in recorded exchanges; (R) reported by users with the service's own words. Rows apply
in order, a later one over an earlier one, so that a family says what it shares and a member what it
does not; a model that is newer than the table is taken for the newest of its family.
"""

import functools
import re
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The parameters and values that one model takes."""

    efforts: tuple[str, ...] = ()
    """The reasoning efforts; none for a model that does not reason or does not let it be set. Chat has not
    got `max`."""
    default_effort: str | None = None
    knows_effort: bool = True
    """The model has the parameter `reasoning_effort` at all."""
    tools_in_chat: Literal["always", "without an effort", "without reasoning"] = "always"
    """When chat takes tools: with every effort, unless an effort is set, unless the model reasons."""
    verbosities: tuple[str, ...] = ("medium",)
    """The values of `verbosity`."""
    stop: bool = True
    summaries: tuple[str, ...] = ("concise", "detailed", "auto")
    """The reasoning summaries in responses."""
    sampling: bool = True
    """`temperature` and `top_p` are taken, if it does not reason on the request."""
    streams: bool = True
    instructions: bool = True
    """Messages of the roles `system` and `developer` are taken."""
    json_mode: bool = True
    calls: frozenset[str] = frozenset({"functions", "tools"})
    """The members of chat that define what the model may call."""
    parallel_tool_calls: bool = True
    """The model has the parameter."""
    dotted_names: bool = False
    """The name of a tool may have dots (weak: seen, written nowhere)."""
    json_schema: bool = True
    """Structured outputs are taken, apart from models that are older than they."""
    lookaround: bool = True
    """Patterns of schemas may have lookaheads and lookbehinds."""
    log_probabilities: bool = True
    """Completions take `logprobs`, `best_of` and `echo`."""
    priority: bool = False
    """The service tier `priority` serves it; `long_priority`: prompts above 128,000 tokens, too."""
    long_priority: bool = True
    flex: bool = False
    """The service tier `flex` is taken."""
    since: str | None = None
    """The first api-version that has the model."""
    top_p: float = 1.0
    """The default that responses show."""
    cache_retention: str | None = None
    """The retention of prompt caches that responses show unless the request sets one."""
    in_memory_cache: bool = True
    """A request may ask for the retention `in_memory`."""
    cache_breakpoints: bool = False
    """Prompts are cached up to breakpoints, and writing to the cache is counted."""
    reasoning_context: str = "current_turn"
    """Whose reasoning the model reads again, unless the request sets it."""
    all_turns: bool = True
    """A request may ask for `all_turns` as the context of reasoning."""
    refused_tools: frozenset[str] = frozenset()
    """The hosted tools that responses do not take."""
    tool_search: bool = False
    """Responses take the tool `tool_search`."""
    multi_agent: bool = False
    """Responses take `multi_agent`."""
    reasoning_mode: bool = False
    """Responses take `reasoning.mode`."""
    responses_budget: int | None = None
    """The tokens that input and answer share in responses, if they are fewer than the window."""
    phases: bool = False
    """Messages in responses have a phase."""

    def thinks(self, effort: str | None) -> bool:
        """Return True if an answer with this effort begins with reasoning."""
        return effort is not None and effort != "none"


_LOW = ("low", "medium", "high")
_NONE = ("none", *_LOW)
_XHIGH = (*_NONE, "xhigh")
_GATED = "2024-12-01-preview"
_SCREEN = frozenset({"computer"})
_HARNESS = _SCREEN | {"apply_patch", "shell"}
_SEARCH = frozenset({"web_search", "web_search_preview"})

# A pattern of `name version`, and what differs from the row before.
_ROWS: tuple[tuple[str, dict[str, object]], ...] = (
    (r"gpt-35-turbo(-16k)? .*|gpt-4(-32k)? .*", {"log_probabilities": False}),
    (r"(gpt-35-turbo(-16k)?|gpt-4(-32k)?) (0613|0314|0301)", {"json_mode": False}),
    (r"(gpt-35-turbo(-16k)?|gpt-4(-32k)?) (0613|0314|0301)", {"parallel_tool_calls": False}),
    # R: functions came with 0613, gpt-4 vision-preview and the first o-series call nothing; no model of
    # the o-series knows functions (tests of Microsoft's own clients against the service, 2025-06).
    (r"(gpt-35-turbo|gpt-4(-32k)?) (0301|0314)", {"calls": frozenset[str]()}),
    (r"gpt-4 vision-preview", {"json_mode": False, "calls": frozenset[str]()}),
    (r"o\d.*", {"calls": frozenset({"tools"})}),
    (r"o1-(preview|mini) .*", {"calls": frozenset[str]()}),
    (r"gpt-4o 2024-05-13", {"parallel_tool_calls": False}),
    (r"gpt-4\.[1-9].*", {"dotted_names": True}),
    # R: users of Foundry, by trying all values (2026-06 to 2026-09).
    (r"DeepSeek-V4.*", {"efforts": ("minimal", *_XHIGH), "default_effort": "none"}),
    (r"grok-4\.6.*", {"efforts": (*_LOW, "xhigh")}),
    (r"gpt-oss.*", {"efforts": _LOW, "default_effort": "medium"}),
    # M: efforts; S: dots in names.
    (
        r"(o\d|codex-mini).*",
        {"efforts": _LOW, "default_effort": "medium", "dotted_names": True},
    ),
    (r"(o3|o3-pro|o4-mini|codex-mini) .*", {"stop": False}),
    (r"o3-deep-research .*", {"efforts": ("medium",), "stop": False}),
    (r"(o1|o3-mini) .*", {"since": _GATED}),
    (r"o1(-preview|-mini)? .*", {"streams": False}),
    (r"o1-(preview|mini) .*", {"instructions": False, "efforts": (), "knows_effort": False}),
    # The gpt-5 family: 5 itself always thinks, 5.1 to 5.4 on request alone, later ones by default.
    (
        r"gpt-5(-mini|-nano)? .*",
        {"efforts": ("minimal", *_LOW), "default_effort": "medium", "stop": False},
    ),
    (r"gpt-5.*", {"dotted_names": True}),
    (r"gpt-[6-9].*", {"dotted_names": True}),
    (r"gpt-5-codex .*", {"efforts": _LOW, "default_effort": "medium"}),
    (r"gpt-5-pro .*", {"efforts": ("high",), "default_effort": "high"}),
    (r"gpt-5\.1.*", {"efforts": _NONE, "default_effort": "none"}),
    (r"gpt-5\.[2-4].*", {"efforts": _XHIGH, "default_effort": "none"}),
    (r"gpt-(5\.[5-9]|[6-9]).*", {"efforts": _XHIGH, "default_effort": "medium"}),
    # R: refusals of gpt-5.6-luna and -terra (2026-08), gpt-6-astra and gpt-6.1-sol (2026-09).
    (r"gpt-5\.[6-9].*", {"efforts": (*_XHIGH, "max")}),
    (r"gpt-[6-9].*", {"efforts": (*_LOW, "xhigh", "max")}),
    # R: clients of Azure (2026-09, 2026-10), who set the other two of gpt-6 right after refusals.
    (r"gpt-6-(sol|luna) .*", {"efforts": (*_XHIGH, "max")}),
    (r"gpt-5\.1-codex.*", {"efforts": _LOW, "default_effort": "medium"}),
    (
        r"gpt-5\.(1-codex-max|[2-9]-codex).*",
        {"efforts": (*_LOW, "xhigh"), "default_effort": "medium"},
    ),
    (
        r"gpt-(5\.[2-9]|[6-9]\S*)-pro .*",
        {"efforts": ("medium", "high", "xhigh"), "default_effort": "medium"},
    ),
    # R (users of Azure, 2025-08 and 2025-09), M: its rows name neither functions nor structured outputs.
    (r"gpt-5-chat .*", {"calls": frozenset[str](), "json_schema": False}),
    # R: users of OpenAI, 2025-02 and 2026-04; later models by a client's table of those on Azure (2026-11).
    (r"gpt-(4o-|4o-mini-)?audio.*", {"json_schema": False}),
    # R: users of OpenAI and Azure, 2026-05 to 2026-10.
    (r"gpt-(5\.[5-9]|[6-9]).*|gpt-chat-latest .*", {"lookaround": False}),
    # M: the page on the models, 2026-10.
    (r"gpt-5\.5 .*", {"responses_budget": 922_000}),
    (r"gpt-5\.\d-chat .*|gpt-chat-latest .*", {"efforts": ("medium",), "default_effort": "medium"}),
    # R: with the service's words, and by trying all values (2026-01, 2026-07).
    (r"gpt-[5-9].*", {"verbosities": _LOW}),
    (r"gpt-5-chat .*|gpt-5(\.[12])?-codex.*", {"verbosities": ("medium",)}),
    # R: Azure and OpenAI, 2026-03 to 2026-09; before 5.6 an effort that is left out lets tools pass.
    (r"gpt-5\.[45].*", {"tools_in_chat": "without an effort"}),
    (r"gpt-(5\.[6-9]|[6-9]).*", {"tools_in_chat": "without reasoning"}),
    # S: what responses show by default (2025-12 to 2026-08); 5.6-terra and 6 as 5.6-sol: assumed.
    (r"gpt-5\.1-codex-max .*", {"top_p": 0.985}),
    (r"gpt-5\.2-chat .*", {"top_p": 0.85}),
    (r"gpt-(5\.[45]|5\.6-.*|[6-9].*) .*", {"top_p": 0.98}),
    (r"gpt-(5\.[4-9]|[6-9]).*", {"phases": True}),
    (r"gpt-(5\.[6-9]|[6-9]).*", {"reasoning_context": "all_turns", "cache_breakpoints": True}),
    # M: the page on tool search (2026-07).
    (r"gpt-(5\.[4-9]|[6-9]).*", {"tool_search": True}),
    # M: the page on multi-agent orchestration (2026-08); 6.1-sol: OpenAI's (2026-11).
    (r"gpt-(5\.6-\S+|6\.1-sol) .*", {"multi_agent": True}),
    # R: by trying all models of OpenAI (2026-07); gpt-6 as 5.6: assumed.
    (r"gpt-(5\.[6-9]|[6-9]).*", {"reasoning_mode": True}),
    # R: users of OpenAI (2026-05 to 2026-10) and of Azure (2026-09, gpt-6-astra); versions in between by
    # analogy. Codex models take a shell.
    (r".*", {"refused_tools": _SCREEN}),
    (r"(gpt-4o|gpt-4\.1|gpt-5)(-mini|-nano|-pro|-chat)? .*|o\d.*", {"refused_tools": _HARNESS}),
    (r"(gpt-4\.1-nano|gpt-5-nano|gpt-5-chat|o3-mini) .*", {"refused_tools": _HARNESS | _SEARCH}),
    (r"gpt-(5\.[4-9]|[6-9]).*|gpt-chat-latest .*", {"refused_tools": frozenset[str]()}),
    # R: refusals of gpt-5-pro, gpt-5.2 and, on Azure, gpt-5.3-codex (2026-05 to 2026-11).
    (r"o\d.*|codex-mini .*|gpt-5(\.[1-3])?(-\S+)? .*", {"all_turns": False}),
    # R: by trying OpenAI's models (2026-08, 2026-09); gpt-5.6-sol has it on Azure (S).
    (r"gpt-5\.5(-pro)? .*|gpt-5\.6-(luna|terra) .*|gpt-[6-9].*", {"in_memory_cache": False}),
    (r"gpt-(5-nano|5\.4|5\.6-sol) .*", {"cache_retention": "in_memory"}),
    (r"gpt-(5\.5|5\.6-luna) .*", {"cache_retention": "24h"}),
    # R, M: the page on reasoning models; refusals of gpt-5, its codex models and those of 5.1 and 5.2.
    (r"gpt-5(-\S+)? .*|gpt-5\.[12](-\S+)? .*", {"summaries": ("detailed", "auto")}),
    # M: the pages on priority processing (2026-07) and on flex processing (2026-09).
    (r"gpt-4\.1 .*|gpt-5\.(1|2|4|5) .*|gpt-5\.6-(sol|terra) .*", {"priority": True}),
    (r"gpt-4\.1 .*|gpt-5\.4 .*|gpt-5\.6-(sol|terra) .*", {"long_priority": False}),
    (r"gpt-5\.6-sol 2026-07-09", {"flex": True}),
)


@functools.cache
def capabilities_by_name(
    name: str, version: str, temperature_rule: str, reasoning: bool
) -> Capabilities:
    samples = temperature_rule == "free"
    found = Capabilities(sampling=samples, default_effort="medium" if reasoning else None)
    for pattern, changes in _ROWS:
        if re.fullmatch(pattern, f"{name} {version}"):
            found = replace(found, **changes)
    if "none" in found.efforts:
        found = replace(found, sampling=True)
    return found
