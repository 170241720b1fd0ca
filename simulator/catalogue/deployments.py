"""Deployments: the names that clients ask for, the model behind each, and its limits."""

import dataclasses
import functools
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from simulator.catalogue.content_filter import ContentFilterPolicy
from simulator.catalogue.model_table import Remembering
from simulator.catalogue.models import Model, all_models, find_model
from simulator.latency import OwnLatency

logger = logging.getLogger(__name__)

STANDARD_SKUS = ("Standard", "GlobalStandard", "DataZoneStandard", "DeveloperTier")
PROVISIONED_SKUS = (
    "ProvisionedManaged",
    "GlobalProvisionedManaged",
    "DataZoneProvisionedManaged",
)
BATCH_SKUS = ("GlobalBatch", "DataZoneBatch")
"""Their deployments answer batches, and batches alone."""

ServiceTier = Literal["default", "priority"]

MAX_NAME_LENGTH = 64
"""Characters of a deployment's name (Microsoft's resource naming rules)."""

# Models that are not OpenAI's: a name alone does not deploy them, and no guess could be right.
_OTHER_MAKERS = re.compile(
    r"(?<![a-z])(?:claude|codestral|command-?[ar]|cohere|dbrx|deepseek|embed-v-4-0|falcon|flux|gemini|gemma|glm"
    r"|granite|grok|jais|jamba|kimi|llama|mai-ds|ministral|mistral|mixtral|nemotron|phi|pixtral|qwen"
    r"|stable-diffusion)(?![a-z])"
)
_GUESSES_KEPT = 1024
_AMPLE = 1_000
_SHORTEST_VERSION_IN_A_NAME = 4


@dataclass(frozen=True, slots=True)
class Deployment(Remembering):
    """A model under a name of its own, with its limits.

    A limit of None is no limit. `ptu` is the provisioned throughput units of a provisioned sku, and
    None with the others; `spillover_deployment` the standard deployment that takes what it refuses.
    `resource` and `region` are those of a fleet, "" without one; `quota` is the name of the quota
    whose counts it shares with other deployments. `enqueued_tokens` are what the batches that one for
    batches has at a time may hold. An `undefined` one stands for whatever sku a request needs.
    """

    name: str
    model: Model
    tokens_per_minute: int | None = None
    requests_per_minute: int | None = None
    embedding_size: int | None = None
    sku: str = "Standard"
    ptu: int | None = None
    spillover_deployment: str | None = None
    service_tier: ServiceTier = "default"
    """The tier of requests that leave it open."""
    content_filter: ContentFilterPolicy | None = None
    latency: OwnLatency | None = None
    resource: str = ""
    region: str = ""
    quota: str = ""
    enqueued_tokens: int | None = None
    undefined: bool = False

    @functools.cached_property
    def full_name(self) -> str:
        """The name, which in a fleet begins with the resource's; no other deployment has it."""
        return f"{self.resource}/{self.name}" if self.resource else self.name

    @functools.cached_property
    def provisioned(self) -> bool:
        return self.sku in PROVISIONED_SKUS

    @property
    def limited(self) -> bool:
        """It has a limit of tokens or requests, or provisioned throughput."""
        figures = (self.tokens_per_minute, self.requests_per_minute, self.ptu)
        return any(figure is not None for figure in figures)

    @functools.cached_property
    def batched(self) -> bool:
        """Return True if it answers batches alone."""
        return self.sku in BATCH_SKUS

    @functools.cached_property
    def context_window(self) -> int:
        """The model's, or the smaller one that its provisioned deployments have."""
        smaller = self.model.provisioned_context_window
        return smaller if self.provisioned and smaller else self.model.context_window


def standard_deployment(name: str, model: Model, tokens_per_minute: int | None) -> Deployment:
    """A deployment as the real service makes it: the requests per minute follow from the tokens."""
    return Deployment(
        name=name,
        model=model,
        tokens_per_minute=tokens_per_minute,
        requests_per_minute=model.requests_per_minute(tokens_per_minute),
        embedding_size=model.embedding_size,
    )


_DEFAULT_TOKENS = MappingProxyType(
    {
        "1k": 1_000,
        "2k": 2_000,
        "5k": 5_000,
        "10k": 10_000,
        "20k": 20_000,
        "50k": 50_000,
        "100k": 100_000,
        "100m": 100_000_000,
    }
)
_DEFAULT_MODELS = (
    "whisper",
    "gpt-4o",
    "gpt-4o-mini",
    "gpt-4.1",
    "gpt-4.1-mini",
    "gpt-5",
    "gpt-5-mini",
    "o4-mini",
    "text-embedding-3-small",
    "text-embedding-3-large",
    "dall-e-3",
    "gpt-image-1",
    "gpt-image-2",
    "tts",
    "gpt-4o-transcribe",
)


def default_deployments(*, limited: bool = True) -> Mapping[str, Deployment]:
    """Return the deployments that there are without a deployment file.

    Those that say their limit in their name, and `embedding`, have limits if `limited`; those that
    are called as their model have none, or one that no test suite reaches where the model's own is a
    few requests a minute.
    """
    with_tokens = {"embedding": ("text-embedding-ada-002", 20_000)}
    with_tokens |= {
        f"gpt-35-turbo-{size}-token": ("gpt-35-turbo", tokens)
        for size, tokens in _DEFAULT_TOKENS.items()
    }
    deployments: dict[str, Deployment] = {}
    for name, (model_name, tokens) in with_tokens.items():
        model = find_model(model_name)
        deployments[name] = (
            standard_deployment(name, model, tokens) if limited else _unlimited(name, model)
        )
    for name in _DEFAULT_MODELS:
        deployment = _unlimited(name, find_model(name))
        if limited and deployment.model.fixed_rpm is not None:
            deployment = dataclasses.replace(deployment, requests_per_minute=_AMPLE)
        deployments[name] = deployment
    return MappingProxyType(deployments)


class Deployments:
    """The known deployments, and any other name too when undefined ones are allowed."""

    def __init__(
        self,
        known: Mapping[str, Deployment] | None = None,
        *,
        allow_undefined: bool = True,
        resource: str = "",
        region: str = "",
    ) -> None:
        self.known = default_deployments() if known is None else known
        self._allow_undefined = allow_undefined
        self._resource = resource
        self._region = region
        self._guess = functools.lru_cache(maxsize=_GUESSES_KEPT)(self._undefined)

    def get(self, name: str) -> Deployment | None:
        """The deployment of that name; None if there is none, which clients see as a 404."""
        known = self.known.get(name)
        if known is not None or not self._allow_undefined:
            return known
        if not 0 < len(name) <= MAX_NAME_LENGTH or of_other_maker(name):
            return None
        return self._guess(name)

    def _undefined(self, name: str) -> Deployment:
        guessed = undefined_deployment(name)
        return dataclasses.replace(guessed, resource=self._resource, region=self._region)

    def spillover(self, deployment: Deployment, requested: str | None) -> Deployment | None:
        """The standard deployment that takes over from a provisioned one, if there is one: the
        deployment's own, else that of the request.
        """
        name = deployment.spillover_deployment or requested
        target = self.get(name) if deployment.provisioned and name else None
        return None if target is None or target.provisioned else target


def of_other_maker(name: str) -> bool:
    """Return True for a name that holds a maker's other than OpenAI's."""
    return _OTHER_MAKERS.search(name.lower()) is not None


def undefined_deployment(name: str) -> Deployment:
    """A deployment without limits, of the model that its name suggests; the log says so once."""
    model = guess_model(name)
    logger.warning("the deployment %r is not defined; it is served as %s", name, model.name)
    return _unlimited(name, model)


def _unlimited(name: str, model: Model) -> Deployment:
    return Deployment(name=name, model=model, embedding_size=model.embedding_size, undefined=True)


def guess_model(name: str) -> Model:
    """The model whose name is found in a deployment's name; of several, the longest.

    Separators may be left out or differ (gpt4o, gpt-4-1-mini); a version in the name is respected.
    """
    lowered = name.lower()
    for pattern, model in _spellings():
        if pattern.search(lowered):
            return _version_in(lowered, model)
    return find_model("text-embedding-ada-002" if "embed" in lowered else "gpt-4o")


def _version_in(name: str, model: Model) -> Model:
    for other in all_models():
        version = other.version.lower()
        long_enough = len(version) >= _SHORTEST_VERSION_IN_A_NAME
        if other.name == model.name and long_enough and version in name:
            return other
    return model


@functools.cache
def _spellings() -> tuple[tuple[re.Pattern[str], Model], ...]:
    """A pattern for each model's name, longest name first."""
    names = sorted({model.name for model in all_models()}, key=len, reverse=True)
    return tuple((_spelling(name), find_model(name)) for name in names)


def _spelling(name: str) -> re.Pattern[str]:
    parts = name.replace("gpt-35", "gpt-3.5").replace("-", ".").split(".")
    loose = "[-._]?".join(re.escape(part) for part in parts)
    return re.compile(rf"(?<![a-z0-9]){loose}(?![a-z0-9])")
