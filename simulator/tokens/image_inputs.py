"""The cost in tokens of an image that is put into a GPT image model (OpenAI's guide to images)."""

import math

_BASE, _TILE_TOKENS, _TILE, _SHORT_SIDE = 65, 129, 512, 512
# Tokens that high fidelity adds, for an image that is nearer to a square or to an oblong.
_SQUARE, _OBLONG = 4160, 6240
_NEARER_TO_SQUARE = 1.25


def input_tokens(size: tuple[int, int], *, high_fidelity: bool) -> int:
    """The tokens of an image of this width and height, scaled to a short side of 512 pixels."""
    short, long = sorted(size)
    tiles = math.ceil(round(long * _SHORT_SIDE / short / _TILE, 6))
    tokens = _BASE + _TILE_TOKENS * tiles
    if high_fidelity:
        tokens += _SQUARE if long / short < _NEARER_TO_SQUARE else _OBLONG
    return tokens
