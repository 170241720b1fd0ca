"""What a trial calls: the address, the key and the deployments that `TEST_OPENAI_*` name."""

from collections.abc import Mapping
from dataclasses import dataclass

LOCAL = "http://127.0.0.1:8000"
API_VERSION = "2025-04-01-preview"
"""Of the dated ones, the first that has all operations."""


class TargetError(Exception):
    """What is to be called is not said; the text is one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """An Azure OpenAI resource, simulated or real."""

    endpoint: str
    key: str
    deployment: str
    embedding_deployment: str
    image_deployment: str

    @classmethod
    def from_env(cls, environment: Mapping[str, str], *, endpoint: str = "") -> "Target":
        """What the settings say, at another `endpoint` if one is given.

        The defaults are those of a fresh `make run`. Raises `TargetError` for lack of a key: that of the
        simulator is not sent to an address that was named.
        """

        def named(name: str, default: str) -> str:
            return environment.get(f"TEST_OPENAI_{name}", "").strip() or default

        address = (endpoint or named("ENDPOINT", LOCAL)).rstrip("/")
        key = named("KEY", environment.get("SIMULATOR_API_KEY", "") if address == LOCAL else "")
        if not key:
            raise TargetError(
                f"no key for {address}: give TEST_OPENAI_KEY in the environment or .env, or KEY= to "
                "make; a simulator started by `make run` has printed its key"
            )
        if not address.startswith(("http://", "https://")):
            raise TargetError(
                f"TEST_OPENAI_ENDPOINT={address!r} must start with http:// or https://"
            )
        return cls(
            endpoint=address,
            key=key,
            deployment=named("DEPLOYMENT", "gpt-4o"),
            embedding_deployment=named("EMBEDDING_DEPLOYMENT", "embedding"),
            image_deployment=named("IMAGE_DEPLOYMENT", "gpt-image-2"),
        )
