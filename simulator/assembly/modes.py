"""The mode: generate, record or replay."""

from collections.abc import Awaitable, Callable

from simulator.configuration.settings import Settings
from simulator.modes.base import Mode
from simulator.recordings.redaction import Redact
from simulator.storage.container import Container
from simulator.telemetry.observer import Telemetry
from simulator.upstream.forward import Forwarder
from simulator.upstream.resource_upstream import UpstreamOf


def choose_mode(
    settings: Settings,
    container: Container,
    telemetry: Telemetry,
    *,
    generate: Mode,
    closing: list[Callable[[], Awaitable[None]]],
    forwarders: tuple[Forwarder, ...],
    redactions: tuple[Redact, ...],
    upstream_of: UpstreamOf,
) -> Mode:
    if settings.mode == "generate":
        return generate
    from simulator.assembly.recording import create_record, create_replay

    if settings.mode == "record":
        return create_record(
            settings,
            container,
            telemetry,
            closing=closing,
            forwarders=forwarders,
            redactions=redactions,
            upstream_of=upstream_of,
        )
    return create_replay(
        settings,
        container,
        telemetry,
        generate=generate,
        closing=closing,
        forwarders=forwarders,
        redactions=redactions,
        upstream_of=upstream_of,
    )
