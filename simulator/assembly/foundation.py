"""The foundation of a simulator, from which all its other parts are made."""

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from simulator.assembly.containers import choose_container, choose_recordings, kind_of
from simulator.assembly.deployments import read_deployments
from simulator.assembly.presence import choose_presence
from simulator.assembly.telemetry import create_telemetry
from simulator.configuration.overrides.overrides import Configuration
from simulator.configuration.settings import Settings
from simulator.extensions import Added
from simulator.extensions.loading import load_extension
from simulator.instances.presence import Presence
from simulator.journal.journal import Journal
from simulator.journal.shared import SharedJournal
from simulator.latency import Clock
from simulator.storage.container import Container
from simulator.telemetry.observer import Telemetry
from simulator.tokens.tokenizer import Tokenizer
from simulator.wire.answer_headers import AnswerHeaders


@dataclass(frozen=True, slots=True)
class Foundation:
    """`clock` never goes back, `now` is the time of day; `start` is the configuration as the settings
    have it, without overrides.
    """

    settings: Settings
    added: Added
    clock: Clock
    now: Clock
    rng: random.Random
    tokenizer: Tokenizer
    container: Container
    recordings: Container
    presence: Presence | None
    headers: AnswerHeaders
    start: Configuration
    journal: SharedJournal
    telemetry: Telemetry
    closing: list[Callable[[], Awaitable[None]]]
    """Functions that let go of connections, in their order; a changed mode adds its own."""


def lay_foundation(
    settings: Settings, clock: Clock, now: Clock, environment: Mapping[str, str]
) -> Foundation:
    """Return what all other parts are made from. Raises `SettingError`, `DeploymentFileError` or
    `ExtensionError`."""
    added, rng = load_extension(settings.extension_path, environment), random.Random()
    redactions = tuple(added.redactions)
    container = choose_container(settings)
    # A simulator that only generates keeps nothing, until its mode is record.
    recordings = choose_recordings(settings) if kind_of(container) == "memory" else container
    presence = choose_presence(settings, container, clock)
    instance = presence.name if presence else ""
    start = Configuration(settings, read_deployments(settings, kind_of(container)))
    journal = Journal(settings.journal_size, now, instance)
    return Foundation(
        settings=settings,
        added=added,
        clock=clock,
        now=now,
        rng=rng,
        tokenizer=_warm_tokenizer(),
        container=container,
        recordings=recordings,
        presence=presence,
        headers=AnswerHeaders(settings.region, rng, instance if settings.shows_hints else ""),
        start=start,
        journal=SharedJournal(journal),
        telemetry=create_telemetry(settings, start.deployments, now, journal, redactions),
        closing=[*([presence.close] if presence else []), container.close, recordings.close],
    )


def _warm_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer()
    tokenizer.warm()
    return tokenizer
