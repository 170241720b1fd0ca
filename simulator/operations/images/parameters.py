"""The parameters of images, by the rules of the two model families."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta, Struct

from simulator.catalogue.api_versions import older_than
from simulator.catalogue.models import Model
from simulator.errors import InvalidRequest, VersionNotSupported
from simulator.operations.images.picture import PictureFormat
from simulator.operations.images.sizes import has_any_size, size_of
from simulator.operations.model_checks import listed

DALLE_SIZES = ("1024x1024", "1792x1024", "1024x1792")
DALLE_MAX_PROMPT = 4000

Prompt = Annotated[str, Meta(min_length=1, max_length=32_000)]
_QUALITIES = ("low", "medium", "high", "auto")
_NEWEST_QUALITIES = ("low", "medium", "high", "xhigh", "max", "auto")
Background = Literal["transparent", "opaque", "auto"]

_FIRST_VERSION = "2025-04-01"


class DalleParameters(Struct, frozen=True, kw_only=True):
    """OpenAPI document 2024-10-21. The values are checked by `check_dalle`, in the words of the
    schema checker that stands before this model."""

    prompt: str | None = None
    model: str | None = None
    n: int | None = None
    size: str = DALLE_SIZES[0]
    quality: str = "standard"
    style: str = "vivid"
    response_format: str = "url"
    user: str | None = None


class GptImageParameters(Struct, frozen=True, kw_only=True):
    """OpenAI's document on GPT image models; Microsoft's page on image generation."""

    prompt: Prompt
    model: str | None = None
    n: Annotated[int, Meta(ge=1, le=10)] | None = None
    size: str | None = None
    quality: str | None = None
    background: Background | None = None
    output_format: PictureFormat | None = None
    output_compression: Annotated[int, Meta(ge=0, le=100)] | None = None
    moderation: Literal["low", "auto"] | None = None
    stream: bool | None = None
    partial_images: Annotated[int, Meta(ge=0, le=3)] | None = None
    user: str | None = None


class EditParameters(GptImageParameters, frozen=True, kw_only=True):
    """The parameters of an edit, beside the images."""

    input_fidelity: Literal["high", "low"] | None = None


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """Images that may be made: every choice is taken."""

    prompt: str
    count: int
    size: tuple[int, int]
    quality: str
    form: PictureFormat = "png"
    compression: int = 100
    transparent: bool = False
    vivid: bool = True
    partial_images: int | None = None
    """The partial images of a stream; None: not streamed."""
    any_size: bool = False
    """The model paints any size, whose tokens follow from its pixels."""

    @property
    def size_name(self) -> str:
        return f"{self.size[0]}x{self.size[1]}"


def is_gpt_image(model: Model) -> bool:
    return model.name.startswith("gpt-image")


def check_version(version: str) -> None:
    """Raises `VersionNotSupported` where GPT image models were not known yet."""
    if older_than(version, _FIRST_VERSION):
        # The braces are the real service's own (reported by users).
        raise VersionNotSupported(
            f"Model {{modelName}} is enabled only for api versions {_FIRST_VERSION}-preview and later"
        )


def check_names(names: Iterable[str], of: type[Struct]) -> None:
    """Raises `InvalidRequest` for a parameter that the model does not have."""
    unknown = next((name for name in names if name not in of.__struct_fields__), None)
    if unknown is None:
        return
    if of is DalleParameters:
        raise _payload(f"Additional properties are not allowed ({unknown!r} was unexpected)")
    raise InvalidRequest(
        f"Unknown parameter: '{unknown}'.", param=unknown, code="unknown_parameter"
    )


def check_dalle(parameters: DalleParameters) -> ImageOptions:
    """Return the choices of a request to DALL-E. Raises `InvalidRequest`."""
    prompt = parameters.prompt
    if prompt is None:
        raise _payload("'prompt' is a required property")
    if not prompt:
        raise _payload("'' is too short - 'prompt'")
    if len(prompt) > DALLE_MAX_PROMPT:
        raise _payload(f"{prompt!r} is too long - 'prompt'")
    count = 1 if parameters.n is None else parameters.n
    if count != 1:
        side = "less than the minimum" if count < 1 else "greater than the maximum"
        raise _payload(f"{count} is {side} of 1 - 'n'")
    for name, allowed in (
        ("size", DALLE_SIZES),
        ("quality", ("standard", "hd")),
        ("style", ("vivid", "natural")),
        ("response_format", ("url", "b64_json")),
    ):
        value: str = getattr(parameters, name)
        if value not in allowed:
            raise _payload(f"{value!r} is not one of {list(allowed)} - '{name}'")
    return ImageOptions(
        prompt,
        1,
        _pixels(parameters.size),
        parameters.quality,
        vivid=parameters.style == "vivid",
    )


def _payload(message: str) -> InvalidRequest:
    """The error with which Azure refuses parameters that DALL-E does not take (reported by
    users).
    """
    return InvalidRequest(message, code="invalidPayload")


def check_gpt_image(parameters: GptImageParameters, model: Model) -> ImageOptions:
    """Return the choices of a request to a GPT image model. What is left to the model is square and
    opaque, of high quality, or of low from gpt-image-2 on (users, 2026-04). Raises `InvalidRequest`."""
    form: PictureFormat = parameters.output_format or "png"
    _check_quality(parameters.quality, model)
    _check_combinations(parameters, form, model)
    size, usual = size_of(parameters.size, model), "low" if has_any_size(model) else "high"
    quality = parameters.quality if parameters.quality not in (None, "auto") else usual
    compression = parameters.output_compression
    return ImageOptions(
        parameters.prompt,
        parameters.n or 1,
        size,
        quality,
        form,
        100 if compression is None else compression,
        parameters.background == "transparent",
        partial_images=(parameters.partial_images or 0) if parameters.stream else None,
        any_size=has_any_size(model),
    )


def _is_newest(model: Model) -> bool:
    """Return True for models that have more qualities and paint what is transparent (OpenAI, 2026-09)."""
    return model.name.startswith("gpt-image-2.5")


def _check_quality(quality: str | None, model: Model) -> None:
    known = _NEWEST_QUALITIES if _is_newest(model) else _QUALITIES
    if quality is not None and quality not in known:
        raise InvalidRequest(
            f"Invalid value: '{quality}'. Supported values are: {listed(known)}.",
            param="quality",
            code="invalid_value",
        )


def _check_combinations(parameters: GptImageParameters, form: PictureFormat, model: Model) -> None:
    opaque = has_any_size(model) and not _is_newest(model)
    if parameters.background == "transparent" and opaque:
        # OpenAI's guide (2026-04) says that it refuses this; the words are not known.
        raise InvalidRequest(
            "Transparent background is not supported for this model.",
            param="background",
            code="invalid_value",
        )
    if parameters.background == "transparent" and form == "jpeg":
        raise InvalidRequest(
            "Transparent background is not supported for output format 'jpeg'. Use 'png' or 'webp'.",
            param="background",
            code="invalid_value",
        )
    if parameters.output_compression not in (None, 100) and form == "png":
        raise InvalidRequest(
            "Compression less than 100 is not supported for PNG output format",
            param="output_compression",
            code="invalid_value",
        )
    if parameters.partial_images is not None and not parameters.stream:
        raise InvalidRequest(
            "The 'partial_images' parameter is only supported when 'stream' is true.",
            param="partial_images",
            code="invalid_value",
        )


def _pixels(size: str) -> tuple[int, int]:
    width, _, height = size.partition("x")
    return int(width), int(height)
