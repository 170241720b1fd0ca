"""Prompt caching: how much of a prompt this instance has read within the last minutes.

Microsoft's page on prompt caching: prefixes of 1,024 tokens and steps of 128, models from gpt-4o on, a
`prompt_cache_key` that joins the hash, and an entry that is gone after ten minutes without use. Other
instances have caches of their own, as the real service promises nothing about which machine answers.

gpt-5.6 and later cache whole prefixes instead (the same page of 2026-08, and recorded exchanges of
OpenAI, 2026-07): up to breakpoints that the request has, and up to the end of its last message.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.models import Model
from simulator.latency import Tempo

LEAST, STEP = 1_024, 128
"""Tokens of the shortest prefix that is cached, and by how many it grows."""
IDLE_SECONDS = 600.0
PREFIX_SECONDS = 1_800.0
"""The seconds that a whole prefix is kept at least; this cache keeps it no longer."""

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


class CacheUse(Struct, frozen=True):
    """The tokens of a prompt that were read from the cache, and those that were written to it.

    `written` is None if the model counts none.
    """

    read: int = 0
    written: int | None = None


UNCACHED = CacheUse()


class Prefixes(NamedTuple):
    """The prefixes of a prompt, each named by the number of pieces that it has."""

    pieces: list[bytes]
    known: Collection[int]
    """The prefixes that may have been cached before."""
    written: Mapping[int, int]
    """The prefixes that are to be cached, with their tokens."""


class PromptCache:
    """Remembers the prefixes of prompts in blocks of characters; the oldest go first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: OrderedDict[bytes, float] = OrderedDict()
        self._prefixes: OrderedDict[bytes, tuple[float, int]] = OrderedDict()
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

    def exact(self, place: str, prefixes: Prefixes) -> CacheUse:
        """Return what of a prompt was cached by whole prefixes, and cache those that are to be written."""
        digests = _digests(place, prefixes.pieces)
        written = {end: tokens for end, tokens in prefixes.written.items() if tokens >= LEAST}
        read = 0
        with self._lock:
            now = self._clock()
            for end in prefixes.known:
                used, tokens = self._prefixes.get(digests[end], (now - PREFIX_SECONDS, 0))
                if now - used < PREFIX_SECONDS:
                    read = max(read, tokens)
                    self._prefixes[digests[end]] = (now, tokens)
                    self._prefixes.move_to_end(digests[end])
            for end, tokens in written.items():
                self._prefixes[digests[end]] = (now, tokens)
            while len(self._prefixes) > _MOST_BLOCKS:
                self._prefixes.popitem(last=False)
        return CacheUse(read, max(0, max(written.values(), default=0) - read))

    def clear(self) -> None:
        """Forget every prompt."""
        with self._lock:
            self._used.clear()
            self._prefixes.clear()

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


def _digests(place: str, pieces: Iterable[bytes]) -> list[bytes]:
    """One digest for each prefix, from the empty one to the whole."""
    digest = hashlib.blake2b(place.encode("utf-8", "surrogatepass"), digest_size=16)
    found = [digest.digest()]
    for piece in pieces:
        digest.update(len(piece).to_bytes(8))
        digest.update(piece)
        found.append(digest.digest())
    return found


def _chain(place: str, text: str) -> Iterator[bytes]:
    """One digest for each block, which holds for all before it, too."""
    digest = hashlib.blake2b(place.encode("utf-8", "surrogatepass"), digest_size=16)
    for start in range(0, min(len(text), _BLOCK * _MOST_BLOCKS), _BLOCK):
        digest.update(text[start : start + _BLOCK].encode("utf-8", "surrogatepass"))
        yield digest.digest()
