"""The resources that operations make answers from, and keep what must outlive a request in."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from simulator.operations.batches.terms import BatchTerms
from simulator.operations.own_requests import OwnRequests
from simulator.operations.prompt_cache import PromptCache
from simulator.operations.schema_checks import SchemaChecks
from simulator.operations.webhooks.delivery import Webhooks
from simulator.storage.container import Container
from simulator.synthesis.drafts import DraftWriter
from simulator.tokens.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Resources:
    tokenizer: Tokenizer
    writer: DraftWriter
    rng: random.Random
    secrets: random.Random
    """The system's randomness, for ids that are as good as a key to what they name."""
    now: Callable[[], float]
    """The time of day, in seconds since 1970."""
    clock: Callable[[], float]
    """Seconds that never go back, as `time.monotonic`."""
    container: Container
    """The store of all that must outlive a request and be seen by every instance."""
    schema_checks: SchemaChecks = field(default_factory=SchemaChecks)
    content_key: bytes = b""
    """The key of encrypted reasoning, the same on every instance."""
    prompt_cache: PromptCache | None = None
    """The prompts that are cached; None: none is."""
    on_your_data: bool = True
    """Chat answers requests with data sources, though the real service has retired them."""
    batches: BatchTerms = field(default_factory=BatchTerms)
    own_requests: OwnRequests = field(default_factory=OwnRequests)
    """Sends the lines of a batch through the pipeline, like requests of clients."""
    webhooks: Webhooks | None = None
    """The sender of events; None: none are sent."""
    throttled_in_stream: bool = False
    """A streamed response that the limits refuse is a stream with an error."""
