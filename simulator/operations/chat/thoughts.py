"""The reasoning of models of other makers that show it, as `reasoning_content` (the v1 document's own
member; which models have it: users of the service, 2025)."""

from simulator.catalogue.capabilities import effort_of
from simulator.catalogue.models import Model
from simulator.messages import Request
from simulator.wire.inference import is_inference

_SHOWN = frozenset(
    {"DeepSeek-R1", "DeepSeek-R1-0528", "MAI-DS-R1", "Kimi-K2-Thinking", "Kimi-K2.5", "Kimi-K2.6"}
    | {"grok-3-mini"}
)
_TAGGED = frozenset({"DeepSeek-R1", "DeepSeek-R1-0528", "MAI-DS-R1"})
_ON_REQUEST = "DeepSeek-V4"
EFFORT = "medium"
"""These models think as long as those of OpenAI do by default."""


def shows_thoughts(model: Model) -> bool:
    """Return True if what the model thinks, if it does, stands in its answer."""
    return model.name in _SHOWN or model.name.startswith(_ON_REQUEST)


def is_tagged(model: Model, request: Request) -> bool:
    """Return True if its reasoning stands in the text: R1's does with Azure AI Inference (Microsoft's
    page on reasoning models, 2025-08)."""
    return model.name in _TAGGED and is_inference(request)


def thinking_effort(asked: str | None, model: Model) -> str | None:
    """The effort with which a model thinks; None if it does not. DeepSeek-V4 thinks if it is asked to
    (users, 2026-09)."""
    return EFFORT if model.name in _SHOWN else effort_of(asked, model)
