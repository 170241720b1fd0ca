"""The mask over the upstream's key in whatever comes back: some services repeat it in errors."""

from collections.abc import Iterable

MASK = "***"
_SHORTEST = 8


class Mask:
    """Replaces secrets in one answer, also where a piece ends within one."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # A shorter one is no secret, and would be found everywhere.
        self._secrets = [secret for secret in secrets if len(secret) >= _SHORTEST]
        self._bytes = [secret.encode() for secret in self._secrets]
        self._held = b""

    def text(self, value: str) -> str:
        for secret in self._secrets:
            value = value.replace(secret, MASK)
        return value

    def feed(self, piece: bytes) -> bytes:
        """Return what may be passed on; the beginning of a secret at the end waits for more."""
        piece = self._held + piece
        for secret in self._bytes:
            piece = piece.replace(secret, MASK.encode())
        held = max((_begun(piece, secret) for secret in self._bytes), default=0)
        self._held = piece[len(piece) - held :]
        return piece[: len(piece) - held]

    def end(self) -> bytes:
        """Return what waited and was no secret."""
        rest, self._held = self._held, b""
        return rest


def _begun(piece: bytes, secret: bytes) -> int:
    """Return how many bytes at the end of the piece are the beginning of the secret."""
    end = piece[-(len(secret) - 1) :]
    start = end.find(secret[:1])
    while start >= 0 and not secret.startswith(end[start:]):
        start = end.find(secret[:1], start + 1)
    return len(end) - start if start >= 0 else 0
