"""The reasoning of models of other makers that show it, as `reasoning_content` (the v1 document's own
member; which models have it: users of the service, 2025)."""

from simulator.catalogue.models import Model

_SHOWN = frozenset(
    {"DeepSeek-R1", "DeepSeek-R1-0528", "MAI-DS-R1", "Kimi-K2-Thinking", "grok-3-mini"}
)
EFFORT = "medium"
"""These models think as long as those of OpenAI do by default."""


def shows_thoughts(model: Model) -> bool:
    return model.name in _SHOWN
