"""The sizes of the images of a prompt, and the refusals of images that cannot be read."""

import base64
import binascii

from simulator.errors import InvalidRequest
from simulator.tokens.chat_images import DEFAULT_IMAGE_SIZE, image_size, is_image_format
from simulator.tokens.prompt_format import Api


def size_of(url: str, api: Api) -> tuple[int, int]:
    """Width and height; an image elsewhere is not fetched but taken for one of the default size."""
    if not url.startswith("data:"):
        return DEFAULT_IMAGE_SIZE
    try:
        content = base64.b64decode(url.partition(",")[2], validate=True)
    except binascii.Error:
        content = b""
    size = image_size(content)
    if size is None:
        known = is_image_format(content)
        raise _unreadable_item(known) if api == "responses" else _unreadable(known)
    return size


def _unreadable(known: bool) -> InvalidRequest:
    """The refusal by chat of an image of a known format or another one (reported 2023 to 2026)."""
    if known:
        return InvalidRequest(
            "You uploaded an unsupported image. Please make sure your image is valid.",
            code="image_parse_error",
        )
    return InvalidRequest(
        "You uploaded an unsupported image. Please make sure your image has of one the following "
        "formats: ['png', 'jpeg', 'gif', 'webp'].",
        code="invalid_image_format",
    )


def _unreadable_item(known: bool) -> InvalidRequest:
    """The refusal by Responses (reported 2026-10)."""
    formats = "['image/jpeg', 'image/png', 'image/gif', 'image/webp']"
    way_out = "." if known else f" with one of the supported image formats: {formats}."
    return InvalidRequest(
        "The image data you provided does not represent a valid image. Please check your input and "
        f"try again{way_out}",
        param="input",
        code="invalid_value",
    )
