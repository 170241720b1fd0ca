"""The Azure OpenAI resource behind a resource of a fleet."""

from collections.abc import Callable
from dataclasses import dataclass

from simulator.upstream.credentials import ApiKey


@dataclass(frozen=True, slots=True)
class ResourceUpstream:
    """Its endpoint; without a `key` an Entra identity signs in."""

    endpoint: str
    key: ApiKey | None = None


UpstreamOf = Callable[[str], ResourceUpstream | None]
"""Finds the upstream of a resource by its name; None where it has none of its own."""
