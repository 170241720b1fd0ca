"""The response object: the answer's body, and what the first and last events of a stream carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from simulator.catalogue.models import Model
from simulator.messages import Usage
from simulator.operations.responses.output import ResponseOutput
from simulator.operations.responses.parameters import ResponseParameters, TextFormat
from simulator.operations.responses.tools import shown_choice
from simulator.wire.content_filter import response_filters

PendingStatus = Literal["queued", "in_progress"]

# What differs between models in recordings of 2025-12 (codex-max), 2026-02 (5.1) and 2026-07 (5.4, 5.5).
_WITH_PHASES = ("gpt-5.4", "gpt-5.5")
_TOP_P = {"gpt-5.1-codex-max": 0.985, "gpt-5.4": 0.98, "gpt-5.5": 0.98}
_CACHE_RETENTION = {"gpt-5.4": "in_memory", "gpt-5.5": "24h"}


@dataclass(frozen=True, slots=True)
class ResponseEnvelope:
    """The members of a response that stay the same from its beginning to its end."""

    id: str
    created: float
    parameters: ResponseParameters
    model: Model
    tools: Sequence[object]
    effort: str | None
    prompt_characters: int


def plain(body: object) -> bytes:
    """A body that is not streamed: a blank after each comma and colon (recorded 2026-07)."""
    return msgspec.json.format(msgspec.json.encode(body), indent=0)


def phase_of(model: Model) -> str | None:
    """The phase that newer models give a message that ends their turn."""
    return "final_answer" if model.name.startswith(_WITH_PHASES) else None


def pending_body(frame: ResponseEnvelope, status: PendingStatus) -> dict[str, object]:
    """A response that is not done. (Order of keys: recorded 2026-02; members of 2026-07 among them.)"""
    asked = frame.parameters
    return {
        "id": frame.id,
        "object": "response",
        "created_at": int(frame.created),
        "status": status,
        "background": bool(asked.background),
        "completed_at": None,
        "content_filters": None,
        "error": None,
        "frequency_penalty": 0.0,
        "incomplete_details": None,
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "max_tool_calls": asked.max_tool_calls,
        "model": asked.model,
        "moderation": None,
        "output": [],
        "parallel_tool_calls": asked.parallel_tool_calls is not False,
        "presence_penalty": 0.0,
        "previous_response_id": asked.previous_response_id,
        "prompt_cache_key": asked.prompt_cache_key,
        "prompt_cache_retention": asked.prompt_cache_retention
        or _CACHE_RETENTION.get(frame.model.name),
        "reasoning": _reasoning(frame),
        "safety_identifier": asked.safety_identifier,
        "service_tier": "auto",
        "store": asked.stored,
        "temperature": 1.0 if asked.temperature is None else asked.temperature,
        "text": {
            "format": _format(asked.format),
            "verbosity": (asked.text and asked.text.verbosity) or "medium",
        },
        "tool_choice": shown_choice(asked.tool_choice),
        "tools": frame.tools,
        "top_logprobs": asked.top_logprobs or 0,
        "top_p": _TOP_P.get(frame.model.name, 1.0) if asked.top_p is None else asked.top_p,
        "truncation": asked.truncation or "disabled",
        "usage": None,
        "user": asked.user,
        "metadata": asked.metadata or {},
    }


def finished_body(
    frame: ResponseEnvelope, outcome: ResponseOutput, moment: float
) -> dict[str, object]:
    """A response that was done at a moment, in seconds since 1970."""
    return {
        **pending_body(frame, "in_progress"),
        "status": "completed" if outcome.whole else "incomplete",
        "completed_at": int(moment) if outcome.whole else None,
        "content_filters": response_filters(frame.prompt_characters, outcome.characters),
        "incomplete_details": None if outcome.whole else {"reason": "max_output_tokens"},
        "output": [output.members() for output in outcome.outputs],
        "service_tier": "default",
        "usage": _usage(outcome.usage),
    }


def _reasoning(frame: ResponseEnvelope) -> dict[str, object]:
    asked = frame.parameters.reasoning
    shown: dict[str, object] = {
        "effort": frame.effort,
        "summary": (asked and (asked.summary or asked.generate_summary)) or None,
    }
    if not frame.model.name.startswith(_WITH_PHASES):
        return shown
    context = asked.context if asked else None
    # The effective mode: models before gpt-5.6 take the current turn (OpenAI's SDK, 3.54).
    effective = context if context in ("current_turn", "all_turns") else "current_turn"
    return {**shown, "context": effective, "mode": (asked and asked.mode) or "standard"}


def _format(form: TextFormat) -> dict[str, object]:
    if form.type != "json_schema":
        return {"type": form.type}
    return {
        "type": "json_schema",
        "description": form.description,
        "name": form.name,
        "schema": form.schema,
        "strict": bool(form.strict),
    }


def _usage(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }
