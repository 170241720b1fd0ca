"""Credentials for the upstream: a key, or a token of the simulator's own identity."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from simulator.errors import UpstreamUnavailable

SCOPE = "https://cognitiveservices.azure.com/.default"
# Seconds before its end at which a token is replaced.
_MARGIN = 300.0


class Credential(Protocol):
    """A credential for the upstream. It is called on a thread and may block."""

    def headers(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True, repr=False)
class ApiKey:
    """The key of the resource, in the header that it is expected in."""

    key: str
    header: str = "api-key"

    def headers(self) -> Mapping[str, str]:
        return {self.header: self.key}


class NoCredential:
    """For an upstream that lets everybody in."""

    def headers(self) -> Mapping[str, str]:
        return {}


class EntraToken:
    """A token of the identity that the simulator runs as, renewed before it expires."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self._lock = threading.Lock()
        self._token, self._expires_on = "", 0.0

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._wall_clock() >= self._expires_on - _MARGIN:
                self._token, self._expires_on = self._fetch()
            return {"authorization": f"Bearer {self._token}"}

    def _fetch(self) -> tuple[str, float]:
        from azure.core.exceptions import ClientAuthenticationError
        from azure.identity import DefaultAzureCredential

        try:
            with DefaultAzureCredential() as credential:
                token = credential.get_token(SCOPE)
        except ClientAuthenticationError as error:
            raise UpstreamUnavailable(
                "AZURE_OPENAI_KEY is not set, and no Entra identity could sign in instead: "
                f"{error.message.splitlines()[0]}"
            ) from error
        return token.token, token.expires_on
