"""The service tier of a request: which ones are taken, and which one serves it.

Microsoft's pages on priority processing (2026-03 to 2026-07) and flex processing (2026-09-24): priority
is downgraded where it is not available, flex is refused.
"""

from typing import Literal

from simulator.catalogue.capabilities import capabilities_of
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest

ServiceTier = Literal["auto", "default", "flex", "priority"]

LONG_PROMPT = 128_000
"""Tokens of a prompt above which some models serve no priority."""
# Standard is the sku of a deployment that names none; most of them are Global Standard.
_SKUS_WITH_FLEX = frozenset({"Standard", "GlobalStandard"})
_SKUS_WITH_TIERS = _SKUS_WITH_FLEX | {"DataZoneStandard"}


def check_tier(asked: str | None, model: Model, deployment: Deployment | None) -> None:
    """Refuse flex where it is not available; the words are those of other values (our choice)."""
    sku = "" if deployment is None else deployment.sku
    if asked == "flex" and not (capabilities_of(model).flex and sku in _SKUS_WITH_FLEX):
        raise InvalidRequest(
            "Unsupported value: 'service_tier' does not support 'flex' with this model. Supported "
            "values are: 'auto', 'default', and 'priority'.",
            param="service_tier",
            code="unsupported_value",
        )


def served_tier(
    asked: str | None, model: Model, deployment: Deployment | None, *, prompt_tokens: int
) -> str:
    """The tier that the answer names: a deployment's own where the request leaves it open."""
    if deployment is None:
        return "default"
    tier = deployment.service_tier if asked is None or asked == "auto" else asked
    if tier == "default" or deployment.sku not in _SKUS_WITH_TIERS:
        return "default"
    if tier != "priority":
        return "flex" if tier == "flex" else "default"
    capabilities = capabilities_of(model)
    long = prompt_tokens > LONG_PROMPT and not capabilities.long_priority
    return "priority" if capabilities.priority and not long else "default"
