"""The presence of this instance among others, where they share a container of blobs."""

import re
import secrets
import time
from collections.abc import Callable

from simulator.assembly.containers import kind_of
from simulator.configuration.settings import Settings
from simulator.instances.presence import Presence
from simulator.journal.minutes import Minutes
from simulator.journal.roll_ups import RollUps
from simulator.latency import Clock
from simulator.storage.container import Container


def choose_presence(settings: Settings, container: Container, clock: Clock) -> Presence | None:
    """Return None for a folder or memory: simulators on one machine are no instances of one app."""
    if kind_of(container) != "blobs":
        return None
    name = secrets.token_hex(4)
    return Presence(container, _site(settings), name, clock=clock, now=time.time)


def counter_of(presence: Presence | None) -> Callable[[], int]:
    """Return a function that says how many instances serve; one, where no others can be known of."""
    return (lambda: 1) if presence is None else (lambda: presence.standing.instances)


def choose_roll_ups(
    settings: Settings,
    container: Container,
    presence: Presence | None,
    minutes: Minutes,
    clock: Clock,
) -> RollUps | None:
    """Return None where no other instances can be known of."""
    if presence is None:
        return None
    site = _site(settings)
    return RollUps(minutes, container, site, presence.name, clock=clock, now=time.time)


def _site(settings: Settings) -> str:
    """The app's name, as a folder."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", settings.site_name)
