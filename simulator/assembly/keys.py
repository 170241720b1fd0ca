"""The keys with names: those of the file or blob that a setting names."""

from simulator.assembly.followed import follow
from simulator.authentication.key_ring import KeyRing, read_keys
from simulator.configuration.settings import Settings
from simulator.latency import Clock
from simulator.storage.container import Container
from simulator.storage.followed import Newest


def choose_keys(settings: Settings, container: Container, clock: Clock) -> Newest[KeyRing] | None:
    """Return None without named keys. Raises `SettingError` or `FollowedFileError`."""
    source = follow("KEYS_PATH", settings.keys_path, container, read_keys)
    if source is None:
        return None
    return Newest(source.followed, source.first, clock, subject="the list of keys")
