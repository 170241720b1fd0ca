"""Images from a prompt: `POST …/images/generations`."""

import asyncio
import base64
from dataclasses import dataclass

import msgspec

from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import EMPTY_SUMMARY, Call, Operation, RequestSummary, Target
from simulator.operations.images.parameters import (
    DalleParameters,
    GptImageParameters,
    check_dalle,
    check_gpt_image,
    check_names,
    check_version,
    is_gpt_image,
)
from simulator.operations.images.picture import Sketch, file_of, paint, with_file
from simulator.operations.images.rendering import ImageJob, gpt_image_answer, sketch_of, summary_of
from simulator.operations.images.store import ImageStore
from simulator.operations.images.wire import dalle_body
from simulator.operations.resources import Resources
from simulator.operations.routes import model_routes
from simulator.wire.body import Body
from simulator.wire.origin import base_of

_DALLE, _GPT_IMAGE = Body(DalleParameters), Body(GptImageParameters)
_MEMBERS = Body(dict[str, msgspec.Raw])

_REVISIONS = {
    "vivid": "The scene is rendered in rich, saturated colours with dramatic light and fine detail.",
    "natural": "The scene is rendered in soft, natural colours, like a photograph in daylight.",
}


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A request for images that has passed all checks; `dalle` is None for a GPT image model."""

    job: ImageJob
    dalle: DalleParameters | None = None


class ImagesGenerations(Operation[ImageRequest]):
    name = "images_generations"
    routes = model_routes("images/generations")
    capability = "imageGenerations"
    scripted = frozenset(("image",))
    limit_name = "ImageGenerations_Create"
    filter_shape = "images"

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self._images = ImageStore(resources.container, resources.now)

    def parse(self, target: Target) -> ImageRequest:
        body, model = target.request.body, target.model
        if not is_gpt_image(model):
            dalle = _DALLE.decode(body)
            check_names(_names(body), DalleParameters)
            options = check_dalle(dalle)
            return ImageRequest(ImageJob(options, sketch_of(options, model)), dalle)
        check_version(target.api_version)
        parameters = _GPT_IMAGE.decode(body)
        check_names(_names(body), GptImageParameters)
        options = check_gpt_image(parameters, model)
        tokens = self._resources.tokenizer.count(options.prompt, model.encoding)
        return ImageRequest(ImageJob(options, sketch_of(options, model), text_tokens=tokens))

    async def summary(self, call: Call[ImageRequest]) -> RequestSummary:
        return EMPTY_SUMMARY if call.parameters is None else summary_of(call.parameters.job)

    async def generate(self, call: Call[ImageRequest], tempo: Tempo) -> Answer:
        request, created = call.parsed, int(self._resources.now())
        if request.dalle is None:
            return await gpt_image_answer(
                "image_generation", created, request.job, tempo, call.script
            )
        sketch, script = request.job.sketch, call.script
        image = await asyncio.to_thread(lambda: _png(with_file(sketch, script and script.image)))
        if request.dalle.response_format == "url":
            address = await self._images.publish(image)
            member = {"url": base_of(call.request) + address}
        else:
            member = {"b64_json": base64.b64encode(image).decode()}
        revised = f"{sketch.prompt.rstrip(' .')}. {_REVISIONS[request.dalle.style]}"
        return Answer.plain(dalle_body(created, member, revised), due=tempo.at(1))


def _png(sketch: Sketch) -> bytes:
    return file_of(sketch, paint(sketch), "png", 100)


def _names(body: bytes) -> list[str]:
    """The names of the parameters in a body that is known to be an object. Values of unknown ones may be
    anything, such as numbers that are too large."""
    return list(_MEMBERS.decode(body))
