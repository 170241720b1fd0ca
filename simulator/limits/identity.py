"""The app's managed identity as the credentials of a Redis that takes no keys."""

import asyncio

from redis.auth.token_manager import RetryPolicy, TokenManagerConfig
from redis_entraid.cred_provider import DEFAULT_EXPIRATION_REFRESH_RATIO, EntraIdCredentialsProvider
from redis_entraid.identity_provider import (
    ManagedIdentityIdType,
    ManagedIdentityProvider,
    ManagedIdentityProviderConfig,
    ManagedIdentityType,
    _create_provider_from_managed_identity,  # pyright: ignore[reportPrivateUsage]  # no public maker
)

RESOURCE = "https://redis.azure.com/"
_TOKEN_TIMEOUT_MS = 5_000
_ATTEMPTS = 2
_DELAY_MS = 100


class ManagedIdentity(EntraIdCredentialsProvider):
    """Signs in as the identity of `client_id`, or as the system-assigned one.

    Tokens are renewed, and open connections signed in again, when 70 % of their life is over.
    """

    def __init__(self, client_id: str | None = None) -> None:
        self._identity = _identity(client_id)
        super().__init__(
            self._identity,
            TokenManagerConfig(
                DEFAULT_EXPIRATION_REFRESH_RATIO,
                0,
                _TOKEN_TIMEOUT_MS,
                RetryPolicy(_ATTEMPTS, _DELAY_MS),
            ),
        )

    async def get_credentials_async(self) -> tuple[str] | tuple[str, str]:
        # The library asks for tokens on the event loop; asked before on a thread, it finds a kept one.
        await asyncio.to_thread(self._identity.request_token)
        return await super().get_credentials_async()


def _identity(client_id: str | None) -> ManagedIdentityProvider:
    if client_id is None:
        config = ManagedIdentityProviderConfig(ManagedIdentityType.SYSTEM_ASSIGNED, RESOURCE)
    else:
        config = ManagedIdentityProviderConfig(
            ManagedIdentityType.USER_ASSIGNED, RESOURCE, ManagedIdentityIdType.CLIENT_ID, client_id
        )
    return _create_provider_from_managed_identity(config)
