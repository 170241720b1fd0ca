"""Who may call: by the simulator's key, by a token, or by what an extension lets in."""

import hmac
from collections.abc import Awaitable, Callable

from simulator.errors import AccessDenied, KeysDisabled, TokenMissing, Unavailable
from simulator.messages import Request

TokenCheck = Callable[[str], Awaitable[None]]
"""Raises `TokenMissing` or `Unavailable` unless the token lets in."""


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
        # Header values are read as Latin-1: so encoded, they are the bytes that came.
        return bool(self._key) & hmac.compare_digest(
            offered.encode("latin-1", "replace"), self._key
        )


Authentication = Callable[[Request, Key], Awaitable[bool | None]]
"""An extension's: whether the request is let in, or None where that is not its business."""


class Authenticator:
    """Checks callers: their key first, then their Entra token with `tokens`.

    Without a key and without a tenant nobody is let in: on Azure that is a set-up error which the
    caller gets to read, and on a developer's machine a key has been made by then.
    """

    def __init__(
        self, key: str, tokens: TokenCheck | None = None, own: tuple[Authentication, ...] = ()
    ) -> None:
        self._key = Key(key)
        self._tokens = tokens
        self._own = own

    async def check(self, request: Request, *, anonymous: bool = False) -> None:
        """Raises `AccessDenied`, `TokenMissing`, `KeysDisabled` or, for lack of a key to compare with,
        `Unavailable`.

        An anonymous route needs no key of its callers, yet is not served by a simulator that has none.
        """
        if not self._key and self._tokens is None:
            raise Unavailable(
                "The simulator has no key: set the app setting SIMULATOR_API_KEY and restart it."
            )
        if anonymous:
            return
        for authentication in self._own:
            verdict = await authentication(request, self._key)
            if verdict is True:
                return
            if verdict is not None:
                self._deny()
        offered = request.headers.get("api-key")
        if offered is None:
            await self._check_bearer(request.headers.get("authorization", ""))
        elif not self._key.matches(offered):
            self._deny()

    def _deny(self) -> None:
        raise AccessDenied if self._key else KeysDisabled

    async def _check_bearer(self, authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else ""
        if token and self._key.matches(token):
            return
        if self._tokens is None or not token:
            raise TokenMissing
        await self._tokens(token)
