"""Counting the tokens of texts and chat messages with the genuine rank files of tiktoken."""

import codecs
import functools
import hashlib
import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from simulator.tokens.estimates import ESTIMATES
from simulator.tokens.word_counts import WordCounts

if TYPE_CHECKING:
    import tiktoken

RANK_FILES = Path(__file__).parents[1] / "tiktoken_cache"

# tiktoken names a rank file after the SHA-1 of the address it would be fetched from.
_FILES = {
    "o200k_base": (
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    ),
    "cl100k_base": (
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    ),
}
# Harmony differs in its special tokens only, and text in a request never becomes one.
_SAME_TEXT = {
    "o200k_harmony": "o200k_base",
    **{name: estimate.encoding for name, estimate in ESTIMATES.items()},
}

# Divisible by 3 and by a power of two, as runs of digits and of one character are grouped.
_BLOCK = 49_152
_REMEMBERED_TEXTS = 512
_REMEMBERED_LENGTH = 1024

# Each of these is one token in every encoding; a test holds the list against tiktoken.
_ONE_TOKEN_ROLES = frozenset({"system", "user", "assistant", "developer", "tool", "function"})

# The last place in a block where every encoding begins a new piece: before a space that follows
# anything but white space, or after a line end that is followed by neither white space nor a slash.
_PIECE_END = re.compile(r".*(?:\S(?= )|\n(?=[^\s/]))", re.DOTALL)

_log = logging.getLogger(__name__)


class RankFileError(RuntimeError):
    """A rank file is missing or not the genuine one; the message says how to restore it."""


class PromptOverhead(Struct, frozen=True):
    """Tokens of a prompt beside the texts of its messages."""

    priming: int = 3
    """Tokens of the beginning of the reply."""
    per_message: int = 3
    per_name: int = 1


class MessageText(Struct, frozen=True):
    """The parts of a chat message that are counted as text; `name` is its author's, if it has
    one.
    """

    role: str
    texts: tuple[str, ...]
    name: str | None = None


class Tokenizer:
    """Counts tokens exactly as tiktoken does, from files that are only read; of models whose encoding is
    not public, those that `ESTIMATES` says.

    `rank_files` is the folder with the rank files; `order` is the order in which `warm` loads the
    encodings. One instance may be used from several threads. Counting takes time in proportion to
    the text, at most about 0.4 microseconds per character.
    """

    def __init__(
        self, rank_files: Path = RANK_FILES, *, order: Sequence[str] = ("o200k_base", "cl100k_base")
    ) -> None:
        self._rank_files = rank_files
        self._order = tuple(order)
        self._encodings: dict[str, tiktoken.Encoding] = {}
        # One each: a count waits for its own encoding, not for the one that loads after it.
        self._loading = {name: threading.Lock() for name in _FILES}
        self._words = {
            name: WordCounts(functools.partial(self._count_whole, name)) for name in _FILES
        }
        # 4 MB at the very most, 1 MB of English: system prompts come again with each turn.
        self._remembered = {
            name: functools.lru_cache(_REMEMBERED_TEXTS)(words.of)
            for name, words in self._words.items()
        }

    def warm(self) -> threading.Thread:
        """Load the encodings in the background; a count that comes sooner waits for its own."""
        # Not a daemon: a process that ended while tiktoken loads would be aborted.
        thread = threading.Thread(target=self._load_all, name="tokenizer")
        thread.start()
        return thread

    def count(self, text: str, encoding: str) -> int:
        """The tokens of the text, in which special tokens are ordinary text.

        Exact, but for texts over 49,152 characters that hold a stretch of that length without a
        single word end: such a stretch is cut, and each cut adds or takes at most a few tokens.
        Raises RankFileError if the encoding cannot be loaded, KeyError if there is none.
        """
        remembered = self._remembered.get(encoding)
        if remembered is not None and len(text) <= _REMEMBERED_LENGTH:
            return remembered(text)
        estimate = ESTIMATES.get(encoding)
        if estimate is not None:
            return estimate.of(self.count(text, estimate.encoding))
        if encoding in _SAME_TEXT:
            return self.count(text, _SAME_TEXT[encoding])
        if len(text) <= _BLOCK:
            return self._count_block(text, encoding)
        return sum(self._count_block(block, encoding) for block in blocks(text, _BLOCK))

    def split(self, text: str, encoding: str) -> list[str]:
        """The text in one string for each token that `count` counts; joined they are the text.

        Where a token ends within a character, the whole character is in the string of the token
        that completes it, and the one before may be empty.
        """
        known = self._encoding(encoding)
        pieces: list[str] = []
        # A new decoder for each text, since it keeps the beginning of a character.
        decode = codecs.getincrementaldecoder("utf-8")().decode
        for block in blocks(text, _BLOCK):
            pieces += map(decode, known.decode_tokens_bytes(known.encode_ordinary(block)))
        return pieces

    def count_messages(
        self,
        messages: Sequence[MessageText],
        encoding: str,
        overhead: PromptOverhead,
    ) -> int:
        """The prompt tokens of a chat (OpenAI's cookbook, held against recordings of 2023 to 2026)."""
        total = overhead.priming + overhead.per_message * len(messages)
        for message in messages:
            role, name = message.role, message.name
            total += 1 if role in _ONE_TOKEN_ROLES else self.count(role, encoding)
            for text in message.texts:
                total += self.count(text, encoding)
            if name is not None:
                total += overhead.per_name + self.count(name, encoding)
        return total

    def decode(self, tokens: Sequence[int], encoding: str) -> str:
        """The text of token numbers (an embedding's input); KeyError if one is not a text token."""
        known = self._encoding(encoding)
        try:
            return known.decode(tokens)
        except OverflowError as error:
            raise KeyError(*error.args) from error

    def _count_block(self, text: str, encoding: str) -> int:
        return self._words[encoding].of(text)

    def _count_whole(self, encoding: str, text: str) -> int:
        return len(self._encoding(encoding).encode_ordinary(text))

    def _encoding(self, name: str) -> "tiktoken.Encoding":
        name = _SAME_TEXT.get(name, name)
        loaded = self._encodings.get(name)
        return loaded or self._load(name)

    def _load(self, name: str) -> "tiktoken.Encoding":
        with self._loading[name]:
            if name not in self._encodings:
                self._encodings[name] = _genuine(self._rank_files, name)
            return self._encodings[name]

    def _load_all(self) -> None:
        try:
            for name in self._order:
                self._encoding(name)
        except RankFileError as error:
            _log.error("%s", error)


@functools.cache
def _genuine(folder: Path, name: str) -> "tiktoken.Encoding":
    """Return the encoding, read once a process. Raises `RankFileError`."""
    _check_file(folder, name)
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    # Imported here so that the app's import does not wait for it.
    import tiktoken

    return tiktoken.get_encoding(name)


def _check_file(folder: Path, name: str) -> None:
    # tiktoken would delete a file with another hash and fetch it from the internet.
    file_name, sha256 = _FILES[name]
    path = folder / file_name
    restore = "restore it with: python scripts/setup_tiktoken.py"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RankFileError(f"{path} ({name}) cannot be read; {restore}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RankFileError(f"{path} is not the genuine rank file of {name}; {restore}")


def blocks(text: str, size: int) -> Iterator[str]:
    """The text in parts of at most `size` characters whose tokens add up to those of the whole.

    They do where a part can end with a word or a line. Where it cannot, because `size` characters
    hold no such place, it ends anywhere, and the sum may differ by one or two. Parts exist because
    tiktoken's time grows faster than a very long piece, and a million spaces overflow its stack.
    """
    start = 0
    while len(text) - start > size:
        found = _PIECE_END.match(text, start, start + size)
        end = found.end() if found else start + size
        yield text[start:end]
        start = end
    yield text[start:]
