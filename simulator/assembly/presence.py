"""The presence of this instance among others, where they share a container of blobs."""

import re
import secrets
import time

from simulator.assembly.containers import kind_of
from simulator.configuration.settings import Settings
from simulator.instances.presence import Presence
from simulator.latency import Clock
from simulator.storage.container import Container


def choose_presence(settings: Settings, container: Container, clock: Clock) -> Presence | None:
    """Return None for a folder or memory: simulators on one machine are no instances of one app."""
    if kind_of(container) != "blobs":
        return None
    site = re.sub(r"[^A-Za-z0-9.-]", "-", settings.site_name)
    name = secrets.token_hex(4)
    return Presence(container, site, name, clock=clock, now=time.time)
