"""The check of Entra access tokens, where a tenant is set."""

import time

from simulator.authentication.authenticator import TokenCheck
from simulator.configuration.settings import Settings


def choose_token_check(settings: Settings) -> TokenCheck | None:
    """Return None if no Entra tenant is set; the check's libraries are not imported then."""
    if not settings.entra_tenant:
        return None
    from simulator.authentication.entra_tokens import EntraTokens, Tenant
    from simulator.authentication.signing_keys import SigningKeys, fetch_keys

    tenant = Tenant(settings.entra_tenant, settings.entra_authority)
    keys = SigningKeys(lambda: fetch_keys(tenant.keys_address), time.monotonic)
    return EntraTokens(tenant, settings.entra_audience, keys).check
