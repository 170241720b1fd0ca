"""The size of an image, and its cost in tokens by the rules of the model families.

The rules are those of OpenAI's guide to images, which Microsoft's documentation follows, and of
Anthropic's.
"""

import io
import math
from dataclasses import dataclass
from typing import Literal

from simulator.tokens.image_parts import has_too_many_parts

Detail = Literal["low", "high", "auto"]

DEFAULT_IMAGE_SIZE = (1024, 1024)
"""Width and height in pixels that are assumed of an image that is not looked at (a http URL)."""

_FORMATS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"RIFF")

_LONG_SIDE = 2048
_SHORT_SIDE = 768
_TILE = 512
_PATCH = 32
_PATCH_CAP = 1536
_LONGEST_SIDE = 1568


@dataclass(frozen=True, slots=True)
class TileImageTokens:
    """`base` tokens an image and `tile` more per square of 512 pixels (gpt-4o, o1, gpt-5)."""

    base: int
    tile: int

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Scale down to fit 2048 pixels, then to a short side of 768; low detail is the base."""
        if detail == "low":
            return self.base
        scale = min(1, _LONG_SIDE / max(width, height))
        scale = min(scale, _SHORT_SIDE / min(width, height))
        columns = _squares(width * scale, _TILE)
        return self.base + self.tile * columns * _squares(height * scale, _TILE)


@dataclass(frozen=True, slots=True)
class PatchImageTokens:
    """`multiplier` tokens per patch of 32 pixels, at most 1,536 of them, and `marks` around the image
    (gpt-4.1-mini, o4-mini)."""

    multiplier: float
    marks: int = 0

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Round up; low detail scales the image to 512 by 512 pixels."""
        if detail == "low":
            scale = min(1, _TILE / max(width, height))
            width, height = max(1, int(width * scale)), max(1, int(height * scale))
        return math.ceil(patches(width, height) * self.multiplier) + self.marks


@dataclass(frozen=True, slots=True)
class PixelImageTokens:
    """A token for each `pixels` of an image with a long side of at most 1,568 (Claude's guide)."""

    pixels: int

    def tokens(self, width: int, height: int, detail: Detail) -> int:
        """Round up; there are no details."""
        del detail
        scale = min(1, _LONGEST_SIDE / max(width, height))
        return math.ceil(width * scale * height * scale / self.pixels)


ImageTokens = TileImageTokens | PatchImageTokens | PixelImageTokens


def image_tokens(width: int, height: int, detail: Detail, rule: ImageTokens) -> int:
    """The tokens of an image of this many pixels (each side at least 1); `auto` counts as high."""
    return rule.tokens(width, height, detail)


def patches(width: int, height: int) -> int:
    """The patches that cover an image, after it is scaled down to fit the cap of 1,536."""
    whole = _squares(width, _PATCH) * _squares(height, _PATCH)
    if whole <= _PATCH_CAP:
        return whole
    scale = math.sqrt(_PATCH**2 * _PATCH_CAP / (width * height))
    columns, rows = width * scale / _PATCH, height * scale / _PATCH
    # The guide shrinks once more, so that one side holds whole patches only.
    shrink = min(math.floor(columns) / columns, math.floor(rows) / rows) or 1
    return min(_PATCH_CAP, _squares(columns * shrink, 1) * _squares(rows * shrink, 1))


def is_image_format(data: bytes) -> bool:
    """Return True if the first bytes are those of a PNG, JPEG, GIF or WebP file."""
    return data.startswith(_FORMATS)


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG, JPEG, GIF or WebP image; None if it is none of them."""
    # imagesize also parses SVG, whose XML a stranger's request must not reach.
    if not data.startswith(_FORMATS) or has_too_many_parts(data):
        return None
    # Imported here because few requests hold an image, and it brings an HTTP client along.
    import imagesize

    size = imagesize.get(  # pyright: ignore[reportUnknownMemberType] - PathLike[Unknown]
        io.BytesIO(data), exif_rotation=False
    )
    width, height = size
    return (width, height) if width > 0 and height > 0 else None


def _squares(length: float, side: int) -> int:
    # Rounded first: 33.0 computed as 33.000000000000004 is 33 squares, not 34.
    return max(1, math.ceil(round(length / side, 6)))
