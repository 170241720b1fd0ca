"""The picture behind a generated image: a sky, a sun and hills in colours that the seed chooses."""

import colorsys
import math
import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

Colour = tuple[int, int, int]

# Everything is drawn twice as large and then reduced, which smooths its edges.
_SCALE = 2
_LARGE = 2_500_000
"""Pixels from which a picture is painted as it is, for it would take a hundred megabytes else."""
_HILLS = 4
_STEP = 16
_VIVID, _NATURAL = 0.62, 0.34


def scenery(size: tuple[int, int], rng: random.Random, *, vivid: bool = True) -> "Image.Image":
    """A picture of the size, in RGB; the same state of `rng` gives the same picture."""
    # Imported here: Pillow takes 30 ms, and most processes never paint.
    from PIL import Image, ImageDraw

    scale = 1 if size[0] * size[1] > _LARGE else _SCALE
    width, height = size[0] * scale, size[1] * scale
    saturation = _VIVID if vivid else _NATURAL
    hue = rng.random()
    dusk = hue + rng.uniform(0.08, 0.2)
    column = Image.composite(
        Image.new("RGB", (1, height), _colour(dusk, saturation * 0.55, 0.98)),
        Image.new("RGB", (1, height), _colour(hue, saturation, 0.80)),
        Image.linear_gradient("L").resize((1, height), Image.Resampling.BILINEAR),
    )
    picture = column.resize((width, height), Image.Resampling.NEAREST)
    draw = ImageDraw.Draw(picture)
    _sun(draw, (width, height), _colour(dusk, saturation * 0.25, 1.0), rng)
    for layer in range(_HILLS):
        depth = (layer + 1) / _HILLS
        shade = _colour(hue + 0.05 * layer, saturation * (0.6 + 0.4 * depth), 0.78 - 0.5 * depth)
        draw.polygon(_hill((width, height), depth, rng), fill=shade)
    return picture.reduce(scale)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _sun(
    draw: "ImageDraw.ImageDraw", size: tuple[int, int], colour: Colour, rng: random.Random
) -> None:
    radius = min(size) * rng.uniform(0.07, 0.13)
    x, y = size[0] * rng.uniform(0.2, 0.8), size[1] * rng.uniform(0.15, 0.35)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _hill(size: tuple[int, int], depth: float, rng: random.Random) -> list[tuple[float, float]]:
    """The outline of a row of hills; deeper ones (to 1) stand nearer and lower."""
    width, height = size
    ground = height * (0.42 + 0.36 * depth)
    waves = [
        (height * rng.uniform(0.02, 0.07) / number, rng.uniform(1, 2.5) * number, rng.uniform(0, 7))
        for number in (1, 2, 3)
    ]
    outline: list[tuple[float, float]] = [(0, height)]
    for x in range(0, width + _STEP, _STEP):
        swing = sum(
            high * math.sin(x / width * often * math.tau + shift) for high, often, shift in waves
        )
        outline.append((x, ground + swing))
    return [*outline, (width + _STEP, height)]
