"""Who may call: the simulator's key, as `api-key` or as a bearer token."""

import hmac
from collections.abc import Mapping

from simulator.errors import AccessDenied, TokenMissing, Unavailable


class Authenticator:
    """Checks the caller's key in constant time.

    Without a key configured nobody is let in: on Azure that is a set-up error which the caller gets
    to read, and on a developer's machine a key has been made by then.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def check(self, headers: Mapping[str, str], *, anonymous: bool = False) -> None:
        """Raises `AccessDenied`, `TokenMissing` or, for lack of a key to compare with, `Unavailable`.

        An anonymous route needs no key of its callers, yet is not served by a simulator that has none.
        """
        if not self._key:
            raise Unavailable(
                "The simulator has no key: set the app setting SIMULATOR_API_KEY and restart it."
            )
        if anonymous:
            return
        offered = headers.get("api-key")
        if offered is not None:
            if not self._is_key(offered):
                raise AccessDenied
            return
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not self._is_key(token.strip()):
            raise TokenMissing

    def _is_key(self, offered: str) -> bool:
        # Header values are read as Latin-1: so encoded, they are the bytes that came.
        return hmac.compare_digest(offered.encode("latin-1", "replace"), self._key)
