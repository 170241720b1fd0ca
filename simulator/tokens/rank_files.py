"""The encodings of tiktoken, from its genuine rank files."""

import binascii
import functools
import hashlib
import io
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import tiktoken

RANK_FILES = Path(__file__).parents[1] / "tiktoken_cache"
_PIECE = 32_768


class RankFileError(RuntimeError):
    """A rank file is missing or not the genuine one; the message says how to restore it."""


class _Definition(NamedTuple):
    """The definition of an encoding: its rank file, the pattern that cuts texts first, its special tokens."""

    file_name: str
    """The SHA-1 of the address that the file is fetched from, as tiktoken names it."""
    sha256: str
    pattern: str
    special_tokens: Mapping[str, int]


# A test holds them against those of tiktoken.
_DEFINITIONS = {
    "o200k_base": _Definition(
        "fb374d419588a4632f3f557e76b4b70aebbca790",
        "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
        r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        {"<|endoftext|>": 199_999, "<|endofprompt|>": 200_018},
    ),
    "cl100k_base": _Definition(
        "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
        "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        {
            "<|endoftext|>": 100_257,
            "<|fim_prefix|>": 100_258,
            "<|fim_middle|>": 100_259,
            "<|fim_suffix|>": 100_260,
            "<|endofprompt|>": 100_276,
        },
    ),
}
FILES = {name: (made.file_name, made.sha256) for name, made in _DEFINITIONS.items()}
"""The name and the SHA-256 of each encoding's rank file."""


@functools.cache
def genuine_encoding(folder: Path, name: str) -> "tiktoken.Encoding":
    """Return the encoding, read once a process. Raises `RankFileError`.

    tiktoken itself would read a file in three times the time, which the first answer waits for, and
    would delete one with another hash and fetch it from the internet.
    """
    ranks = _ranks(_content(folder, name))
    # Imported here so that the app's import does not wait for it.
    import tiktoken

    definition = _DEFINITIONS[name]
    return tiktoken.Encoding(
        name,
        pat_str=definition.pattern,
        mergeable_ranks=ranks,
        special_tokens=dict(definition.special_tokens),
    )


def _ranks(content: bytes) -> dict[bytes, int]:
    """Return the rank of each token. Lines have a token in base64 and its rank; the ranks of these files are
    0, 1, 2 and so on. Each piece of a file takes a millisecond, in which no other thread runs."""
    file, ranks = io.BytesIO(content), dict[bytes, int]()
    while lines := file.readlines(_PIECE):
        tokens = b"".join(lines).split()[::2]
        ranks.update(zip(map(binascii.a2b_base64, tokens), itertools.count(len(ranks))))
    return ranks


def _content(folder: Path, name: str) -> bytes:
    file_name, sha256 = FILES[name]
    path = folder / file_name
    restore = "restore it with: python scripts/setup_tiktoken.py"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RankFileError(f"{path} ({name}) cannot be read; {restore}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RankFileError(f"{path} is not the genuine rank file of {name}; {restore}")
    return content
