"""The sizes that GPT image models take: three of them, or from gpt-image-2 on any within bounds.

The bounds are those of Microsoft's page on image generation (2026-07), the words those that users were
shown (2026-04 to 2026-08); for a picture that is too narrow no words were found.
"""

import re

from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest
from simulator.operations.model_checks import listed

SQUARE = (1024, 1024)
_FIXED = ("1024x1024", "1024x1536", "1536x1024")
# Pixels of a side: its step and the most; and how much longer one side may be than the other.
_STEP, _LONGEST, _WIDEST = 16, 3840, 3
# Pixels of a picture.
_LEAST, _MOST = 655_360, 8_294_400
_WRITTEN = re.compile("([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")


class ImageSizeRefused(InvalidRequest):
    """A size that a model of any sizes does not paint."""

    type = "image_generation_user_error"

    def __init__(self, size: str, reason: str) -> None:
        super().__init__(f"Invalid size '{size}'. {reason}", param="size", code="invalid_value")


def has_any_size(model: Model) -> bool:
    return model.name.startswith("gpt-image-2")


def size_of(asked: str | None, model: Model) -> tuple[int, int]:
    """Width and height; what is left to the model is square. Raises `InvalidRequest`."""
    if asked is None or asked == "auto":
        return SQUARE
    written = _WRITTEN.fullmatch(asked)
    if asked not in _FIXED and (written is None or not has_any_size(model)):
        raise InvalidRequest(
            f"Invalid value: '{asked[:64]}'. Supported values are: {listed((*_FIXED, 'auto'))}.",
            param="size",
            code="invalid_value",
        )
    width, height = (int(side) for side in asked.split("x"))
    if problem := _problem(width, height):
        raise ImageSizeRefused(asked, problem)
    return width, height


def _problem(width: int, height: int) -> str:
    longest, shortest = max(width, height), min(width, height)
    if width % _STEP or height % _STEP:
        return f"Width and height must both be divisible by {_STEP}."
    if longest > _LONGEST:
        return f"The longest edge must be less than or equal to {_LONGEST}."
    if longest > _WIDEST * shortest:
        return f"The aspect ratio must be between 1:{_WIDEST} and {_WIDEST}:1."
    if width * height < _LEAST:
        return "Requested resolution is below the current minimum pixel budget."
    if width * height > _MOST:
        return "Requested resolution exceeds the current pixel budget."
    return ""
