"""Log probabilities of generated tokens, generated as well."""

import random
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Raw

# Texts beside a chosen token among the likeliest ones; each is one token.
_OTHERS = (
    " the", " a", " and", " of", " to", " in", " is", " that", " for", " it", " on", " with",
    " as", " this", " by", " an", " be", " at", " or", " from", " we", " not",
)  # fmt: skip
# A little below the logarithm of 1/2: no other token than the first can be likelier than that.
_LESS_THAN_HALF = -0.7


def encoded_logprobs(
    pieces: Sequence[str], top: int | None, rng: random.Random
) -> list[Raw] | None:
    """The entries of `token_logprobs` as JSON, which takes a tenth of the memory."""
    if top is None:
        return None
    encode = msgspec.json.encode
    return [Raw(encode(_entry(piece, top, rng))) for piece in pieces]


def token_logprobs(
    pieces: Sequence[str], top: int | None, rng: random.Random
) -> list[dict[str, object]] | None:
    """One entry for each token, with the `top` likeliest tokens in its place; None: not
    requested.
    """
    if top is None:
        return None
    return [_entry(piece, top, rng) for piece in pieces]


def _entry(piece: str, top: int, rng: random.Random) -> dict[str, object]:
    likeliest = list(ranked(piece, top, rng))
    chosen = likeliest[0] if likeliest else (piece, _first(rng))
    return {**_token(*chosen), "top_logprobs": [_token(*token) for token in likeliest]}


def _token(piece: str, logprob: float) -> dict[str, object]:
    return {"bytes": list(piece.encode()), "logprob": logprob, "token": piece}


def ranked(piece: str, top: int, rng: random.Random) -> Iterator[tuple[str, float]]:
    """The `top` likeliest tokens and their log probabilities, falling; the first is the piece."""
    logprob = _first(rng)
    for rank, token in enumerate((piece, *(other for other in _OTHERS if other != piece))):
        if rank == top:
            return
        yield token, round(logprob, 8)
        logprob = min(logprob - rng.random(), _LESS_THAN_HALF) - rng.random()


def _first(rng: random.Random) -> float:
    return round(-rng.random() / 2, 8)
