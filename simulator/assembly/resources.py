"""The resources of operations, and the operations that are made with them."""

import random
import time
from collections.abc import Mapping, Sequence
from ipaddress import ip_network

from simulator.assembly.budgets import schema_budget
from simulator.assembly.containers import kind_of
from simulator.assembly.foundation import Foundation
from simulator.assembly.operations import API, MANAGEMENT
from simulator.extensions import Added
from simulator.extensions.loading import check_names
from simulator.management.control import Control
from simulator.operations.base import AnyOperation
from simulator.operations.batches.terms import BatchTerms
from simulator.operations.chat.data_sources import is_retired
from simulator.operations.prompt_cache import PromptCache
from simulator.operations.resources import Resources
from simulator.operations.responses.encrypted_content import content_key
from simulator.operations.schema_checks import SchemaChecks
from simulator.operations.unknown import Unknown
from simulator.operations.webhooks.delivery import Webhooks
from simulator.operations.webhooks.destination import Destination
from simulator.operations.webhooks.owed import OwedStore
from simulator.operations.webhooks.store import WebhookStore
from simulator.synthesis.drafts import DraftWriter
from simulator.synthesis.filler_text import FillerText


def create_resources(base: Foundation) -> Resources:
    settings = base.settings
    webhooks = Webhooks(
        WebhookStore(base.container, base.now),
        OwedStore(base.container),
        _send,
        [ip_network(one) for one in settings.webhook_allowed_addresses],
        base.now,
        base.clock,
    )
    base.closing.append(webhooks.close)
    return Resources(
        tokenizer=base.tokenizer,
        writer=DraftWriter(FillerText(), base.tokenizer, schema_budget),
        rng=base.rng,
        secrets=random.SystemRandom(),
        now=base.now,
        clock=base.clock,
        container=base.container,
        content_key=content_key(settings.api_key, settings.entra_tenant, settings.region),
        prompt_cache=PromptCache(base.clock) if settings.prompt_cache else None,
        on_your_data=settings.allow_retired_models or not is_retired(time.time()),
        batches=BatchTerms(
            settings.batch_duration / settings.batch_speed if settings.batch_speed else 0.0
        ),
        webhooks=webhooks,
        throttled_in_stream=settings.throttled_in_stream,
        schema_checks=SchemaChecks(documented=settings.strict_schema == "documented"),
    )


def choose_redelivery(base: Foundation, resources: Resources) -> Webhooks | None:
    """Return what has requests look at webhooks that others have left; None where there are no others."""
    shared = base.settings.mode == "generate" and kind_of(base.container) != "memory"
    return resources.webhooks if shared else None


async def _send(destination: Destination, headers: Mapping[str, str], body: bytes) -> int:
    # The HTTP client would take a tenth of a second of every cold start.
    from simulator.upstream.webhooks import send_webhook

    return await send_webhook(destination, headers, body)


def create_own(resources: Resources, added: Added) -> list[AnyOperation]:
    """The operations of the extension."""
    return [make(resources) for make in added.operations]


def ruled_names(own: Sequence[AnyOperation] = ()) -> frozenset[str]:
    """Return the names of operations that rules can be for: of paths that none has, too."""
    made = (*API, Unknown, *own)
    return frozenset(one.name for one in made if not one.local)


def create_operations(
    own: Sequence[AnyOperation], resources: Resources, control: Control, added: Added
) -> list[AnyOperation]:
    """The extension's `own` first, which so win on a route that is the simulator's too."""
    operations: list[AnyOperation] = [make(resources) for make in API]
    operations += [make(control) for make in MANAGEMENT]
    check_names(added, [one.name for one in own], [one.name for one in operations])
    return [*own, *operations]
