"""Images from images: `POST …/images/edits`."""

from dataclasses import replace

from simulator.catalogue.api_versions import older_than
from simulator.errors import (
    InvalidRequest,
    OperationNotSupported,
    RequestTooLarge,
    ResourceNotFound,
    missing_parameter,
)
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import EMPTY_SUMMARY, Call, RequestSummary, Target
from simulator.operations.form_operation import FormOperation, form_of
from simulator.operations.images.parameters import (
    EditParameters,
    check_gpt_image,
    check_names,
    is_gpt_image,
)
from simulator.operations.images.picture import UnreadablePicture, open_picture
from simulator.operations.images.rendering import ImageJob, gpt_image_answer, sketch_of, summary_of
from simulator.operations.routes import model_routes
from simulator.tokens.chat_images import image_size
from simulator.tokens.image_inputs import input_tokens
from simulator.wire.body import Body
from simulator.wire.forms import File, Form

MAX_IMAGES = 16
MAX_BYTES = 50 * 2**20
"""Bytes of one image (Microsoft's page on image generation)."""
MAX_PIXELS_IN_ALL = 256_000_000
"""Pixels of all images of a request: to unpack them takes about two seconds."""

_TYPES = ("image/jpeg", "image/png", "image/webp")
_BODY = Body(EditParameters)
_TEXTS = ("prompt", "model", "user", "size")


class ImagesEdits(FormOperation[ImageJob]):
    name = "images_edits"
    routes = model_routes("images/edits")
    capability = "imageGenerations"
    scripted = frozenset(("image",))
    unpacks = True
    limit_name = "ImageEdits_Create"
    filter_shape = "images"

    def parse(self, target: Target) -> ImageJob:
        if older_than(target.api_version, "2025-04-01"):
            raise ResourceNotFound
        model = target.model
        if not is_gpt_image(model):
            raise OperationNotSupported("imageEdits", model.name)
        form = form_of(target.request)
        parameters = form.decode(_BODY, texts=_TEXTS)
        check_names(form.fields, EditParameters)
        options = check_gpt_image(parameters, model)
        images = _images(form)
        mask = _mask(form, images[0])
        high_fidelity = parameters.input_fidelity == "high"
        sizes = [image_size(image.data) or (1, 1) for image in images]
        sketch = sketch_of(options, model)
        return ImageJob(
            options,
            replace(sketch, base=images[0].data, mask=mask.data if mask else None),
            text_tokens=self._resources.tokenizer.count(options.prompt, model.encoding),
            image_tokens=sum(input_tokens(size, high_fidelity=high_fidelity) for size in sizes),
        )

    async def summary(self, call: Call[ImageJob]) -> RequestSummary:
        return EMPTY_SUMMARY if call.parameters is None else summary_of(call.parameters)

    async def generate(self, call: Call[ImageJob], tempo: Tempo) -> Answer:
        created = int(self._resources.now())
        return await gpt_image_answer("image_edit", created, call.parsed, tempo, call.script)


def _images(form: Form) -> list[File]:
    images = list(form.files.get("image", ()))
    if not images:
        raise missing_parameter("image")
    if len(images) > MAX_IMAGES:
        raise InvalidRequest(
            f"Invalid 'image': array too long. Expected an array with maximum length {MAX_IMAGES}, "
            f"but got an array with length {len(images)} instead.",
            param="image",
            code="array_above_max_length",
        )
    pixels = 0
    for number, image in enumerate(images, 1):
        _check_file(image, "image")
        pixels += _pixels(image, f"image {number}")
        if pixels > MAX_PIXELS_IN_ALL:
            raise RequestTooLarge(f"The images have more than {MAX_PIXELS_IN_ALL} pixels together.")
    return images


def _mask(form: Form, image: File) -> File | None:
    masks = form.files.get("mask")
    if not masks:
        return None
    mask = masks[-1]
    _check_file(mask, "mask")
    _pixels(mask, "mask")
    if image_size(mask.data) != image_size(image.data):
        raise InvalidRequest(
            "Invalid mask image format - mask size does not match image size",
            param="mask",
            code="invalid_mask_image_format",
        )
    return mask


def _check_file(file: File, name: str) -> None:
    if len(file.data) > MAX_BYTES:
        raise RequestTooLarge(
            f"Maximum content size limit ({MAX_BYTES}) exceeded ({len(file.data)} bytes read)"
        )
    kind = file.content_type.partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise InvalidRequest(
            f"Invalid file '{name}': unsupported mimetype ('{kind}'). Supported file formats are "
            "'image/jpeg', 'image/png', and 'image/webp'.",
            param=name,
            code="unsupported_file_mimetype",
        )


def _pixels(file: File, what: str) -> int:
    """The number of an image's pixels, if it can be read."""
    try:
        picture = open_picture(file.data)
        return picture.width * picture.height
    except UnreadablePicture:
        raise UnreadableImage(what) from None


class UnreadableImage(InvalidRequest):
    """An upload that is no image (reported by users)."""

    type = "image_generation_user_error"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"Invalid image file or mode for {what}, please check your image file.",
            code="invalid_image_file",
        )
