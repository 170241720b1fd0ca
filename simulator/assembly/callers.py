"""Who may call: the keys with names, and the check of Entra access tokens."""

import functools
import time

from simulator.assembly.followed import follow
from simulator.authentication.authenticator import TokenCheck
from simulator.authentication.key_ring import KeyRing, read_keys
from simulator.configuration.settings import Settings
from simulator.latency import Clock
from simulator.storage.container import Container
from simulator.storage.followed import Newest


def choose_keys(settings: Settings, container: Container, clock: Clock) -> Newest[KeyRing] | None:
    """Return None without named keys. Raises `SettingError` or `FollowedFileError`."""
    read = functools.partial(read_keys, default=settings.api_key)
    source = follow("KEYS_PATH", settings.keys_path, container, read)
    if source is None:
        return None
    return Newest(source.followed, source.first, clock, subject="the list of keys")


def choose_token_check(settings: Settings) -> TokenCheck | None:
    """Return None if no Entra tenant is set; the check's libraries are not imported then."""
    if not settings.entra_tenant:
        return None
    from simulator.authentication.entra_tokens import EntraTokens, Tenant
    from simulator.authentication.signing_keys import SigningKeys, fetch_keys

    tenant = Tenant(settings.entra_tenant, settings.entra_authority)
    keys = SigningKeys(lambda: fetch_keys(tenant.keys_address), time.monotonic)
    return EntraTokens(tenant, settings.entra_audience, keys).check
