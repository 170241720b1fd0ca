"""Generated images: painted from a sketch, and encoded in the formats that clients choose."""

import io
import logging
import random
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from simulator.operations.images.caption import add_caption
from simulator.operations.images.landscape import scenery
from simulator.tokens.chat_images import image_size

if TYPE_CHECKING:
    from PIL import Image

logger = logging.getLogger(__name__)

PictureFormat = Literal["png", "jpeg", "webp"]

MAX_PIXELS = 64_000_000
"""Pixels of an uploaded image, which take 256 MB when it is unpacked."""

_HEADS: dict[PictureFormat, bytes] = {"png": b"\x89PNG", "jpeg": b"\xff\xd8", "webp": b"RIFF"}

# Pixels of the image in one pixel of the first and roughest stage of a stream.
_ROUGHEST = 64


class UnreadablePicture(ValueError):
    """The bytes are no PNG, JPEG or WebP image, or one that is too large."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The contents of an image. The same sketch is always painted the same.

    `base` is an image to start from instead of scenery, and `mask` says by its transparent parts
    where scenery is to replace it.
    """

    prompt: str
    size: tuple[int, int]
    label: str
    number: int = 0
    vivid: bool = True
    transparent: bool = False
    base: bytes | None = None
    mask: bytes | None = None
    ready: bytes | None = None
    """A file that is shown as it is, in the place of a painting."""


def paint(sketch: Sketch) -> "Image.Image":
    """The image in RGBA; raises `UnreadablePicture`. Takes about 0.1 s for a million pixels."""
    if sketch.ready is not None:
        return open_picture(sketch.ready)
    return add_caption(_background(sketch), sketch.prompt, sketch.label)


def _background(sketch: Sketch) -> "Image.Image":
    from PIL import Image, ImageOps

    if sketch.transparent and sketch.base is None:
        return Image.new("RGBA", sketch.size)
    if sketch.base is not None and sketch.mask is None:
        return ImageOps.fit(open_picture(sketch.base), sketch.size)
    seed = zlib.crc32(f"{sketch.prompt}\0{sketch.number}".encode("utf-8", "replace"))
    painted = scenery(sketch.size, random.Random(seed), vivid=sketch.vivid)
    if sketch.base is None or sketch.mask is None:
        return painted
    base = ImageOps.fit(open_picture(sketch.base), sketch.size)
    kept = ImageOps.fit(open_picture(sketch.mask), sketch.size).getchannel("A")
    return Image.composite(base, painted.convert("RGBA"), kept)


def open_picture(data: bytes) -> "Image.Image":
    """An uploaded image in RGBA; raises `UnreadablePicture`."""
    from PIL import Image

    size = image_size(data)
    if size is None or size[0] * size[1] > MAX_PIXELS:
        raise UnreadablePicture
    try:
        picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        # A file may have several headers, and it is Pillow's choice that is made in memory.
        if picture.width * picture.height > MAX_PIXELS:
            raise UnreadablePicture
        return picture.convert("RGBA")
    # Pillow's decoders raise all of these for damaged files (an unidentified one is an OSError).
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        raise UnreadablePicture from None


def reduced(sketch: Sketch) -> Sketch:
    """The sketch with base and mask of its own size, from which several images are painted sooner."""
    from PIL import ImageOps

    def fit(data: bytes | None) -> bytes | None:
        if data is None:
            return None
        return encode(ImageOps.fit(open_picture(data), sketch.size), "png")

    return replace(sketch, base=fit(sketch.base), mask=fit(sketch.mask))


def encode(picture: "Image.Image", form: PictureFormat, quality: int = 100) -> bytes:
    """A file; `quality`, in per cent, is that of JPEG and WebP, where 100 is the best."""
    opaque = form == "jpeg" or picture.getchannel("A").getextrema() == (255, 255)
    file = io.BytesIO()
    shown = picture.convert("RGB") if opaque else picture
    if form == "png":
        shown.save(file, "PNG", compress_level=1)
    elif form == "jpeg":
        shown.save(file, "JPEG", quality=quality)
    else:
        shown.save(file, "WEBP", quality=quality, method=0)
    return file.getvalue()


def unfinished(picture: "Image.Image", stage: int) -> "Image.Image":
    """The picture while it is painted: stage 0 is the roughest, each later one twice as fine."""
    from PIL import Image

    factor = max(2, _ROUGHEST >> stage)
    rough = (max(1, picture.width // factor), max(1, picture.height // factor))
    return picture.resize(rough, Image.Resampling.BOX).resize(
        picture.size, Image.Resampling.BICUBIC
    )


def with_file(sketch: Sketch, data: bytes | None) -> Sketch:
    """The sketch that shows this file, if it can be read."""
    if data is None:
        return sketch
    try:
        open_picture(data)
    except UnreadablePicture:
        logger.warning("the image of a rule is no PNG, JPEG or WebP file, or too large")
        return sketch
    return replace(sketch, ready=data)


def file_of(sketch: Sketch, picture: "Image.Image", form: PictureFormat, quality: int) -> bytes:
    """The picture that was painted, or the ready file itself where it has this format."""
    if sketch.ready is not None and sketch.ready[: len(_HEADS[form])] == _HEADS[form]:
        return sketch.ready
    return encode(picture, form, quality)
