"""Encrypted reasoning and compacted conversations.

Each has the form of the real one, holds nothing, and is verified when it comes back:

    gAAAAAB…    80 | 8 bytes of time | random bytes | an HMAC of all of it, in URL-safe base64

The key follows from the settings, so that every instance of an app verifies what another has made.
"""

import base64
import binascii
import hashlib
import hmac
import random

from simulator.errors import InvalidRequest

# The smallest encrypted reasoning seen was about 700 characters (recorded 2025-12).
_BYTES = 512
_BYTES_PER_TOKEN = 4
_VERSION = b"\x80"
_MAC_BYTES = 32
_SHORTEST = len(_VERSION) + 8 + _MAC_BYTES
_SHOWN = 4
_SHORTEST_SUMMARY = 16


def content_key(*secrets: str) -> bytes:
    """Return the key of an app with these secrets; nothing of them can be learnt from it."""
    parts = "\0".join(("encrypted reasoning", *secrets))
    return hashlib.sha256(parts.encode()).digest()


def summary_tokens(summed_up: int) -> int:
    """The tokens of the summary of a conversation: a quarter of its own."""
    return max(_SHORTEST_SUMMARY, summed_up // 4)


def tokens_of(content: str) -> int:
    """The tokens that encrypted content was made for; it follows from its length."""
    size = len(content) // 4 * 3 - content[-2:].count("=")
    return max(0, (size - _SHORTEST - _BYTES) // _BYTES_PER_TOKEN)


class EncryptedContent:
    """Makes and verifies the encrypted content of one resource."""

    def __init__(self, key: bytes, resource: str) -> None:
        self._key = hmac.digest(key, resource.encode(), "sha256")

    def make(self, tokens: int, now: float, rng: random.Random) -> str:
        """Encrypted content that is as long as that of a number of tokens."""
        size = _BYTES + _BYTES_PER_TOKEN * tokens
        data = _VERSION + int(now).to_bytes(8) + rng.randbytes(size)
        return base64.urlsafe_b64encode(data + self._mac(data)).decode()

    def check(self, content: str) -> None:
        """Refuses what another resource has made, or nobody (the message was reported by users)."""
        if not self._verified(content):
            shown = f"{content[:_SHOWN]}...{content[-_SHOWN:]}"
            raise InvalidRequest(
                f"The encrypted content {shown} could not be verified. Reason: Encrypted content could "
                "not be decrypted or parsed.",
                code="invalid_encrypted_content",
            )

    def _verified(self, content: str) -> bool:
        try:
            data = base64.b64decode(content, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(data) < _SHORTEST or not data.startswith(_VERSION):
            return False
        return hmac.compare_digest(self._mac(data[:-_MAC_BYTES]), data[-_MAC_BYTES:])

    def _mac(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")
