"""The keys that an Entra tenant signs its tokens with, read from where it publishes them."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any, cast
from urllib.error import HTTPError
from urllib.request import urlopen

import jwt

from simulator.concurrency import SingleFlight
from simulator.errors import Unavailable

logger = logging.getLogger(__name__)

Keys = Mapping[str, jwt.PyJWK]

# Seconds. Microsoft's documentation asks to read them at least once a day; a token of a key not seen
# before is a reason to read them again, but not more often than this, as anybody can make such a token.
_DAY = 86_400.0
_PAUSE = 30.0
_TIMEOUT = 10.0
LONGEST_RENEWAL = 20.0
"""Seconds that requests wait for the keys, which a server may make drip for ever."""
_MOST_BYTES = 1_000_000


class SigningKeysError(Exception):
    """The keys could not be read; the text says why."""


class SigningKeys:
    """Reads the keys with `fetch` (which may block, and raises `SigningKeysError`), and keeps them.

    Keys once read stay in use while no new ones can be had.
    """

    def __init__(
        self,
        fetch: Callable[[], Keys],
        clock: Callable[[], float],
        longest_renewal: float = LONGEST_RENEWAL,
    ) -> None:
        self._longest_renewal = longest_renewal
        self._fetch = fetch
        self._clock = clock
        self._keys: Keys = {}
        self._renewed: float | None = None
        self._flights: SingleFlight[None] = SingleFlight()

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id, if there is one; raises `Unavailable` if none were ever read."""
        if self._due(key_id):
            try:
                # Reading goes on, and none begins beside it, so that it holds one thread at most.
                async with asyncio.timeout(self._longest_renewal):
                    await self._flights.share("", self._renew)
            except TimeoutError:
                self._failed(SigningKeysError(f"no answer in {self._longest_renewal:g} s"))
        return self._keys.get(key_id)

    def _due(self, key_id: str) -> bool:
        if self._renewed is None or not self._keys:
            return True
        return self._clock() - self._renewed >= (_DAY if key_id in self._keys else _PAUSE)

    async def _renew(self) -> None:
        try:
            self._keys = await asyncio.to_thread(self._fetch)
            self._renewed = self._clock()
        except SigningKeysError as error:
            self._failed(error)

    def _failed(self, error: SigningKeysError) -> None:
        if not self._keys:
            raise Unavailable(f"Tokens cannot be checked: {error}") from error
        # The next try is in a while, not with the next request.
        self._renewed = self._clock() - _DAY + _PAUSE
        logger.warning("the keys in use stay: %s", error)


def fetch_keys(address: str) -> Keys:
    """The keys of the JSON web key set there; raises `SigningKeysError`, which names it."""
    try:
        found = jwt.PyJWKSet.from_dict(_members(_document(address))).keys  # an error without any
    except (OSError, ValueError, TypeError, RecursionError, HTTPException, jwt.PyJWTError) as error:
        raise SigningKeysError(
            f"the signing keys at {address} cannot be read ({type(error).__name__}: {error})"
        ) from error
    return {key.key_id: key for key in found if key.key_id}


def _document(address: str) -> bytes:
    try:
        with urlopen(address, timeout=_TIMEOUT) as answer:  # noqa: S310  # the tenant's, of a setting
            data: bytes = answer.read(_MOST_BYTES + 1)
    except HTTPError as error:
        error.close()
        raise
    if len(data) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES} bytes")
    return data


def _members(document: bytes) -> dict[str, Any]:
    found: object = json.loads(document)
    if not isinstance(found, dict):
        raise TypeError("it is no object")
    return cast("dict[str, Any]", found)
