"""The response object: the answer's body, and what the first and last events of a stream carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import Raw

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.models import Model, routed_model
from simulator.messages import Usage
from simulator.operations.chat.messages import CacheOptions
from simulator.operations.responses.output import ResponseOutput
from simulator.operations.responses.parameters import ResponseParameters, TextFormat
from simulator.operations.responses.tools.tool_set import shown_choice
from simulator.wire.content_filter import response_filters

PendingStatus = Literal["queued", "in_progress"]

# The use of built-in tools: none, since the simulator runs none (recorded 2026-08).
_TOOL_USAGE = Raw(
    msgspec.json.encode(
        {
            "image_gen": {
                "input_tokens": 0,
                "input_tokens_details": {"image_tokens": 0, "text_tokens": 0},
                "output_tokens": 0,
                "output_tokens_details": {"image_tokens": 0, "text_tokens": 0},
                "total_tokens": 0,
            },
            "web_search": {"num_requests": 0},
        }
    )
)


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
    tier: str = "default"
    """The service tier that serves it."""
    prompt_filtered: bool = True
    """The filter reports on the prompt: it does not on the results of tools (recorded 2026-08)."""

    @property
    def named(self) -> str | None:
        """The model that the response names: the deployment, or what its router has chosen."""
        if not self.model.routes_to:
            return self.parameters.model
        return routed_model(self.model, self.prompt_characters).wire_name


def phase_of(model: Model) -> str | None:
    """The phase that newer models give a message that ends their turn."""
    return "final_answer" if capabilities_of(model).phases else None


def pending_body(envelope: ResponseEnvelope, status: PendingStatus) -> dict[str, object]:
    """A response that is not done (members and their order: recorded 2026-08)."""
    conversation = envelope.parameters.conversation_id
    return {
        "id": envelope.id,
        "object": "response",
        "created_at": int(envelope.created),
        "status": status,
        "background": bool(envelope.parameters.background),
        "completed_at": None,
        "content_filters": None,
        **({} if conversation is None else {"conversation": {"id": conversation}}),
        "error": None,
        "frequency_penalty": envelope.parameters.frequency_penalty or 0.0,
        "incomplete_details": None,
        **_requested(envelope),
        **_defaulted(envelope),
    }


def _requested(envelope: ResponseEnvelope) -> dict[str, object]:
    """Members of the request, up to the options of what is returned."""
    asked, model = envelope.parameters, capabilities_of(envelope.model)
    return {
        "instructions": asked.instructions,
        "max_output_tokens": asked.max_output_tokens,
        "max_tool_calls": asked.max_tool_calls,
        "model": envelope.named,
        "moderation": None,
        "output": [],
        "parallel_tool_calls": asked.parallel_tool_calls is not False,
        "presence_penalty": asked.presence_penalty or 0.0,
        "previous_response_id": asked.previous_response_id,
        "prompt_cache_key": asked.prompt_cache_key,
        **_cache_options(asked.prompt_cache_options),
        "prompt_cache_retention": asked.prompt_cache_retention or model.cache_retention,
        "reasoning": _reasoning(envelope),
        "safety_identifier": asked.safety_identifier,
    }


def _cache_options(asked: CacheOptions | None) -> dict[str, object]:
    """The options of the cache, which only a response shows that was asked with them (OpenAI, 2026-07)."""
    if asked is None:
        return {}
    return {"prompt_cache_options": {"mode": asked.mode or "implicit", "ttl": asked.ttl or "30m"}}


def _defaulted(envelope: ResponseEnvelope) -> dict[str, object]:
    """Members that have a value where the request has none, and the last ones."""
    asked, model = envelope.parameters, capabilities_of(envelope.model)
    return {
        "service_tier": asked.service_tier or "auto",
        "store": asked.stored,
        "temperature": 1.0 if asked.temperature is None else asked.temperature,
        "text": {
            "format": _format(asked.format),
            "verbosity": (asked.text and asked.text.verbosity) or "medium",
        },
        "tool_choice": shown_choice(asked.tool_choice),
        "tool_usage": _TOOL_USAGE,
        "tools": envelope.tools,
        "top_logprobs": asked.top_logprobs or 0,
        "top_p": model.top_p if asked.top_p is None else asked.top_p,
        "truncation": asked.truncation or "disabled",
        "usage": None,
        "user": asked.user,
        "metadata": asked.metadata or {},
    }


def finished_body(
    envelope: ResponseEnvelope, output: ResponseOutput, moment: float
) -> dict[str, object]:
    """A response that was done at a moment, in seconds since 1970."""
    return {
        **pending_body(envelope, "in_progress"),
        "status": "completed" if output.whole else "incomplete",
        "completed_at": int(moment) if output.whole else None,
        "content_filters": response_filters(
            envelope.prompt_characters if envelope.prompt_filtered else None, output.characters
        ),
        "incomplete_details": None if output.whole else {"reason": "max_output_tokens"},
        "output": [item.members() for item in output.outputs],
        "service_tier": envelope.tier,
        "usage": usage_members(output.usage),
    }


def _reasoning(envelope: ResponseEnvelope) -> dict[str, object]:
    """The reasoning in force (recorded 2026-08); a context left to the model is shown as what it
    takes."""
    asked = envelope.parameters.reasoning
    context = asked.context if asked else None
    if context not in ("current_turn", "all_turns"):
        context = capabilities_of(envelope.model).reasoning_context
    return {
        "context": context,
        "effort": envelope.effort,
        "mode": (asked and asked.mode) or "standard",
        "summary": (asked and (asked.summary or asked.generate_summary)) or None,
    }


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


def usage_members(usage: Usage) -> dict[str, object]:
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {
            "cache_write_tokens": usage.written or 0,
            "cached_tokens": usage.cached,
        },
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total,
    }
