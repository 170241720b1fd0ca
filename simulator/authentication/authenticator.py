"""Who may call: by the simulator's key, by a token, or by what an extension lets in."""

import hmac
import time
from collections.abc import Awaitable, Callable
from typing import NoReturn

from simulator.authentication.caller import (
    BY_EXTENSION,
    BY_TOKEN,
    DEFAULT,
    NOBODY,
    OF_RESOURCE,
    Caller,
)
from simulator.authentication.key_ring import KeyRing
from simulator.errors import AccessDenied, KeysDisabled, TokenMissing, Unavailable
from simulator.messages import Request
from simulator.storage.followed import Newest

ANTHROPIC = "/anthropic/"
"""The beginning of the paths at which Claude is served."""
_NO_TENANT = "it is none of the simulator's keys, and SIMULATOR_ENTRA_TENANT_ID names no tenant whose tokens are taken"
_OF_RESOURCE = "is none of the keys of this resource of the fleet, which takes no others"

TokenCheck = Callable[[str], Awaitable[None]]
"""Raises `TokenMissing` or `Unavailable` unless the token lets in."""


def encoded(offered: str) -> bytes:
    """The bytes of a header's value that came: values are read as Latin-1."""
    return offered.encode("latin-1", "replace")


class Key:
    """The simulator's key, which is compared and never shown."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def __bool__(self) -> bool:
        return bool(self._key)

    def matches(self, offered: str) -> bool:
        """Return True if a header's value is the key, in constant time. An empty value never
        matches.
        """
        return bool(self._key) & hmac.compare_digest(encoded(offered), self._key)


Authentication = Callable[[Request, Key], Awaitable[bool | None]]
"""An extension's: whether the request is let in, or None where that is not its business."""


def _offered(request: Request) -> str | None:
    """The key in its header; Anthropic's API has a header of its own for it, too."""
    offered = request.headers.get("api-key")
    if offered is None and request.path.lower().startswith(ANTHROPIC):
        return request.headers.get("x-api-key")
    return offered


class Authenticator:
    """Checks callers: their key first, then their Entra token with `tokens`. `keys` are those with
    names, beside the key that is every simulator's.

    Without a key and without a tenant nobody is let in: on Azure that is a set-up error which the
    caller gets to read, and on a developer's machine a key has been made by then.
    """

    def __init__(
        self,
        key: str,
        tokens: TokenCheck | None = None,
        own: tuple[Authentication, ...] = (),
        keys: Newest[KeyRing] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._key = Key(key)
        self._tokens = tokens
        self._own = own
        self._keys = keys
        self._clock = clock
        self._closed = not key and tokens is None and keys is None

    async def check(
        self, request: Request, *, anonymous: bool = False, own: Key | None = None
    ) -> Caller:
        """Return the caller. Raises `AccessDenied`, `TokenMissing`, `KeysDisabled` or, for lack of a
        key to compare with, `Unavailable`.

        `own` is the key of the resource that the request is addressed to, which takes no other. An
        anonymous route needs no key of its callers, yet is not served by a simulator that has none.
        """
        if self._closed:
            raise Unavailable(
                "The simulator has no key: set the app setting SIMULATOR_API_KEY and restart it."
            )
        if anonymous:
            return NOBODY
        if self._keys is not None and self._clock() >= self._keys.due:
            await self._keys.fresh()
        for authentication in self._own:
            verdict = await authentication(request, own or self._key)
            if verdict is True:
                return BY_EXTENSION
            if verdict is not None:
                self._deny(own)
        offered = _offered(request)
        if offered is None:
            return await self._by_bearer(request.headers.get("authorization", ""), own)
        return self._by_key(offered, own) or self._deny(own)

    def _by_key(self, offered: str, own: Key | None) -> Caller | None:
        if own is not None:
            return OF_RESOURCE if own.matches(offered) else None
        if self._key.matches(offered):
            return DEFAULT
        if self._keys is None:
            return None
        if self._keys.document is None:
            raise Unavailable("The keys of KEYS_PATH have not been read yet.")
        return self._keys.document.find(encoded(offered))

    def _deny(self, own: Key | None) -> NoReturn:
        if own is not None:
            raise AccessDenied(f"the api-key {_OF_RESOURCE}")
        raise AccessDenied if self._key or self._keys is not None else KeysDisabled

    async def _by_bearer(self, authorization: str, own: Key | None) -> Caller:
        scheme, _, token = authorization.partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        caller = self._by_key(token, own) if token else None
        if caller is not None:
            return caller
        if not token:
            raise TokenMissing
        if self._tokens is None:
            raise TokenMissing(_NO_TENANT if own is None else f"it {_OF_RESOURCE}")
        await self._tokens(token)
        return BY_TOKEN
