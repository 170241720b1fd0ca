"""The ids of answers, in the shapes that recordings show."""

import random
import string

_ALPHABET = string.ascii_letters + string.digits


def _drawn(length: int, rng: random.Random) -> str:
    return "".join(rng.choices(_ALPHABET, k=length))


def chat(rng: random.Random) -> str:
    """As chatcmpl-DmfZu2BjJmBGSSHpj9hWtFQYBUxYn (recorded 2026-06)."""
    return f"chatcmpl-{_drawn(29, rng)}"


def completion(rng: random.Random) -> str:
    """As cmpl-80yXLPWze5qul39qHFOlO1j7VViFv (recorded 2023)."""
    return f"cmpl-{_drawn(29, rng)}"
