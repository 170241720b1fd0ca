"""Thinking of Claude: whether an answer has some, what of it is shown, and the signatures of its blocks."""

import base64
import binascii
import hmac
import random
from collections.abc import Mapping, Sequence

from msgspec import Struct

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.anthropic.parameters import (
    AnyChoice,
    Message,
    MessageParameters,
    NamedChoice,
    PromptParameters,
    RedactedThinkingBlock,
    Thinking,
    ThinkingBlock,
    ToolResultBlock,
)

BETA_HEADER = "anthropic-beta"
NEWER_TOKENIZER = "claude-4.7"
"""The tokenizer of models from 4.7 on, which think as they choose and do not show it."""
BEFORE_ADAPTIVE = frozenset(
    {"claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5"}
)
"""The models up to 4.5, which think within a budget alone."""
LEAST_BUDGET = 1024
LEAST_TOP_P = 0.95
_INTERLEAVED = "interleaved-thinking-"
MAGIC = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_"
    "46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
"""The text for which thinking is redacted (Anthropic's guide to extended thinking)."""
_EFFORTS = {"max": "xhigh"}
# Bytes of a signature beside its check; the first one makes it begin with E, as those of Claude do.
_MARK, _RANDOM_BYTES, _MAC_BYTES = b"\x12", 160, 32
_GUIDE = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"


class Thought(Struct, frozen=True):
    """The thinking before an answer: a number of tokens, the pieces that are shown, its signature."""

    tokens: int
    pieces: Sequence[str]
    signature: str
    redacted: bool = False


def thinks(parameters: PromptParameters) -> bool:
    """Return True if thinking is switched on."""
    thinking = parameters.thinking
    return thinking is not None and thinking.type in ("enabled", "adaptive")


def is_interleaved(parameters: PromptParameters, headers: Mapping[str, str]) -> bool:
    """Return True if there may be thinking between the calls of tools, too."""
    thinking = parameters.thinking
    adaptive = thinking is not None and thinking.type == "adaptive"
    return adaptive or _INTERLEAVED in headers.get(BETA_HEADER, "")


def effort_of(parameters: PromptParameters, headers: Mapping[str, str]) -> str | None:
    """The effort of the thinking of an answer; None for an answer without.

    The budget of a request is at least what medium effort takes.
    """
    thinking = parameters.thinking
    if thinking is None or not thinks(parameters):
        return None
    if _goes_on(parameters.messages) and not is_interleaved(parameters, headers):
        return None
    if thinking.type == "enabled":
        return "medium"
    effort = parameters.output_config and parameters.output_config.effort
    return _EFFORTS.get(effort, effort) if effort else "high"


def is_shown(parameters: PromptParameters, model: Model) -> bool:
    """Return True if the text of the thinking stands in the answer."""
    display = parameters.thinking and parameters.thinking.display
    return display == "summarized" or (display is None and model.encoding != NEWER_TOKENIZER)


def is_redacted(parameters: PromptParameters) -> bool:
    last = parameters.messages[-1]
    return any(MAGIC in getattr(block, "text", "") for block in last.blocks)


def check_thinking(parameters: MessageParameters, model: Model, headers: Mapping[str, str]) -> None:
    """Refuses a configuration that the model does not have, and what cannot stand beside thinking."""
    thinking = parameters.thinking
    if thinking is None:
        return
    _check_members(thinking)
    if thinking.type == "adaptive" and model.name in BEFORE_ADAPTIVE:
        raise InvalidRequest("adaptive thinking is not supported on this model")
    if thinking.type == "enabled":
        _check_budget(thinking, parameters, model, headers)
    if thinks(parameters):
        _check_company(parameters, model)


def _check_members(thinking: Thinking) -> None:
    given = {"budget_tokens": thinking.budget_tokens, "display": thinking.display}
    known = {"enabled": {"budget_tokens", "display"}, "adaptive": {"display"}}
    for name, value in given.items():
        if value is not None and name not in known.get(thinking.type, ()):
            raise InvalidRequest(f"thinking.{thinking.type}.{name}: Extra inputs are not permitted")


def _check_budget(
    thinking: Thinking, parameters: MessageParameters, model: Model, headers: Mapping[str, str]
) -> None:
    if model.encoding == NEWER_TOKENIZER:
        raise InvalidRequest(
            '"thinking.type.enabled" is not supported for this model. Use '
            '"thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    place, budget = "thinking.enabled.budget_tokens", thinking.budget_tokens
    if budget is None:
        raise InvalidRequest(f"{place}: Field required")
    if budget < LEAST_BUDGET:
        raise InvalidRequest(f"{place}: Input should be greater than or equal to {LEAST_BUDGET}")
    if budget >= parameters.max_tokens and not is_interleaved(parameters, headers):
        raise InvalidRequest(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
            f"documentation at {_GUIDE}#max-tokens-and-context-window-size"
        )


def _check_company(parameters: MessageParameters, model: Model) -> None:
    mode = "enabled" if model.name in BEFORE_ADAPTIVE else "enabled or in adaptive mode"
    problem = None
    if parameters.temperature not in (None, 1):
        problem = f"`temperature` may only be set to 1 when thinking is {mode}."
    elif parameters.top_p is not None and parameters.top_p < LEAST_TOP_P:
        problem = f"`top_p` must be greater than or equal to {LEAST_TOP_P} or unset when thinking is {mode}."
    elif parameters.top_k is not None:
        problem = f"`top_k` must be unset when thinking is {mode}."
    if problem:
        raise InvalidRequest(
            f"{problem} Please consult our documentation at "
            f"{_GUIDE}#important-considerations-when-using-extended-thinking"
        )
    if isinstance(parameters.tool_choice, AnyChoice | NamedChoice):
        raise InvalidRequest("Thinking may not be enabled when tool_choice forces tool use.")


def check_turns(parameters: PromptParameters) -> None:
    """Refuses a last turn of the assistant whose thinking does not fit that of the request; counting
    tokens does so, too (reported by users, 2026-01 and 2026-07)."""
    if thinks(parameters):
        _check_beginning(parameters)
    else:
        _check_end(parameters.messages)


def _check_end(messages: Sequence[Message]) -> None:
    last = len(messages) - 1
    if messages[last].role != "assistant":
        return
    for number, block in enumerate(messages[last].blocks):
        if isinstance(block, ThinkingBlock | RedactedThinkingBlock):
            raise InvalidRequest(
                f"messages.{last}.content.{number}: When thinking is disabled, an `assistant` message in "
                f"the final position cannot contain `{block.__struct_config__.tag}`. To use thinking "
                "blocks, enable `thinking` in your request."
            )


def _check_beginning(parameters: PromptParameters) -> None:
    """Refuses an assistant's turn that goes on and has lost its thinking."""
    thinking, at = parameters.thinking, _beginning(parameters.messages)
    if at is None or thinking is None or thinking.type != "enabled":
        return
    block = parameters.messages[at].blocks[0]
    if not isinstance(block, ThinkingBlock | RedactedThinkingBlock):
        raise InvalidRequest(
            f"messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
            f"`{block.__struct_config__.tag}`. When `thinking` is enabled, a final `assistant` message "
            "must start with a thinking block (preceeding the lastmost set of `tool_use` and "
            "`tool_result` blocks). We recommend you include thinking blocks from previous turns. To "
            "avoid this requirement, disable `thinking`. Please consult our documentation at "
            f"{_GUIDE}"
        )


def _goes_on(messages: Sequence[Message]) -> bool:
    """Return True if the answer goes on with a turn that has called tools."""
    return any(isinstance(block, ToolResultBlock) for block in messages[-1].blocks)


def _beginning(messages: Sequence[Message]) -> int | None:
    """The index of the message with which the assistant's turn began that goes on; None for a new turn."""
    at = len(messages)
    while at and (messages[at - 1].role == "assistant" or _goes_on(messages[:at])):
        at -= 1
    return next((n for n in range(at, len(messages)) if messages[n].role == "assistant"), None)


class Signatures:
    """Makes and verifies the signatures of one resource, which every instance of an app knows."""

    def __init__(self, key: bytes, resource: str) -> None:
        self._key = hmac.digest(key, f"thinking\0{resource}".encode(), "sha256")

    def make(self, text: str, rng: random.Random) -> str:
        head = _MARK + rng.randbytes(_RANDOM_BYTES)
        return base64.b64encode(head + self._mac(head, text)).decode()

    def check(self, messages: Sequence[Message]) -> None:
        """Refuses thinking that was changed, or that another resource has made, or nobody."""
        for at, message in enumerate(messages):
            for number, block in enumerate(message.blocks):
                place = f"messages.{at}.content.{number}"
                match block:
                    case ThinkingBlock(thinking="") if not self._holds("", block.signature):
                        raise InvalidRequest(
                            f"{place}.thinking: each thinking block must contain thinking"
                        )
                    case ThinkingBlock() if not self._holds(block.thinking, block.signature):
                        raise InvalidRequest(f"{place}: Invalid `signature` in `thinking` block")
                    case RedactedThinkingBlock() if not self._holds("", block.data):
                        raise InvalidRequest(
                            f"{place}: Invalid `data` in `redacted_thinking` block"
                        )
                    case _:
                        pass

    def _holds(self, text: str, signature: str) -> bool:
        try:
            data = base64.b64decode(signature, validate=True)
        except (binascii.Error, ValueError):
            return False
        head, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
        return hmac.compare_digest(self._mac(head, text), mac)

    def _mac(self, head: bytes, text: str) -> bytes:
        return hmac.digest(self._key, head + text.encode(), "sha256")
