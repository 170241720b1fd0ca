"""The mode: generate, record or replay."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from simulator.configuration.settings import Settings
from simulator.modes.base import Mode
from simulator.recordings.redaction import Redact
from simulator.storage.container import Container
from simulator.telemetry.observer import Telemetry
from simulator.upstream.forward import Forwarder
from simulator.upstream.resource_upstream import UpstreamOf


@dataclass(frozen=True, slots=True)
class ModeParts:
    """Parts that all modes of one simulator share, whatever the settings choose."""

    container: Container
    """Holds the recordings."""
    telemetry: Telemetry
    generate: Mode
    forwarders: tuple[Forwarder, ...]
    redactions: tuple[Redact, ...]
    upstream_of: UpstreamOf
    closing: list[Callable[[], Awaitable[None]]]
    """Functions that let go of connections; a mode adds its own."""


def choose_mode(settings: Settings, parts: ModeParts) -> Mode:
    """Return the mode that the settings name. Raises `SettingError` for record mode without
    anything to record from."""
    if settings.mode == "generate":
        return parts.generate
    from simulator.assembly.recording import create_record, create_replay

    return (create_record if settings.mode == "record" else create_replay)(settings, parts)
