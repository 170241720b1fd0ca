"""Prompt caching: how much of a prompt this instance has read within the last minutes.

Microsoft's page on prompt caching: prefixes of 1,024 tokens and steps of 128, models from gpt-4o on, a
`prompt_cache_key` that joins the hash, and an entry that is gone after ten minutes without use. Other
instances have caches of their own, as the real service promises nothing about which machine answers.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import Model
from simulator.latency import Tempo

LEAST, STEP = 1_024, 128
"""Tokens of the shortest prefix that is cached, and by how many it grows."""
IDLE_SECONDS = 600.0

_SAVED = 0.3
"""The share of the time to the first token that a prompt saves which is cached whole (our choice)."""
_BLOCK = 256
_MOST_BLOCKS = 50_000
_WITHOUT_CACHE = "cl100k_base"


def place_of(deployment: Deployment | None, key: str | None) -> str:
    """Return where a prompt is cached: the deployment, and the key that the client gave."""
    return f"{deployment and deployment.full_name}\0{key or ''}"


def hastened(tempo: Tempo, cached: int, tokens: int) -> Tempo:
    """The tempo of a prompt of which some tokens were cached: the first token comes sooner."""
    if not cached:
        return tempo
    if tempo.saved is not None:
        return tempo._replace(first=max(0.0, tempo.first - tempo.saved * cached))
    return tempo._replace(first=tempo.first * (1 - _SAVED * cached / tokens))


class PromptCache:
    """Remembers the prefixes of prompts in blocks of characters; the oldest go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def cached(self, model: Model, place: str, texts: Iterable[str], tokens: int) -> int:
        """Return how many of the prompt's tokens were cached, and cache it.

        `place` is the deployment with the key that the client gave; the same prompt elsewhere is
        another one.
        """
        if tokens < LEAST or model.encoding == _WITHOUT_CACHE:
            return 0
        text = "\0".join(texts)
        known = self._read(_chain(place, text)) * _BLOCK
        if not text:
            return 0
        found = min(tokens - 1, tokens * known // len(text))
        return found // STEP * STEP if found >= LEAST else 0

    def clear(self) -> None:
        """Forget every prompt."""
        with self._lock:
            self._used.clear()

    def _read(self, blocks: Iterator[bytes]) -> int:
        """The number of blocks at the beginning that are known."""
        known, unbroken = 0, True
        with self._lock:
            now = self._clock()
            for block in blocks:
                used = self._used.pop(block, None)
                unbroken = unbroken and used is not None and now - used < IDLE_SECONDS
                known += unbroken
                self._used[block] = now
            while len(self._used) > _MOST_BLOCKS:
                self._used.popitem(last=False)
        return known


def _chain(place: str, text: str) -> Iterator[bytes]:
    """One digest for each block, which holds for all before it, too."""
    digest = hashlib.blake2b(place.encode("utf-8", "surrogatepass"), digest_size=16)
    for start in range(0, min(len(text), _BLOCK * _MOST_BLOCKS), _BLOCK):
        digest.update(text[start : start + _BLOCK].encode("utf-8", "surrogatepass"))
        yield digest.digest()
