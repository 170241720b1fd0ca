"""The shared work of the image operations: painting, off the event loop, and answering."""

import asyncio
from dataclasses import dataclass, replace

from simulator.catalogue.models import Model
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import Asked
from simulator.operations.images.parameters import ImageOrder
from simulator.operations.images.picture import Sketch, paint, unfinished, written
from simulator.operations.images.wire import (
    ImageUsage,
    Painted,
    gpt_image_body,
    image_events,
    output_tokens,
    timed,
)


@dataclass(frozen=True, slots=True)
class ImageJob:
    """Images to be made: what was ordered, what the first one shows, and what was put in."""

    order: ImageOrder
    sketch: Sketch
    text_tokens: int = 0
    image_tokens: int = 0

    @property
    def usage(self) -> ImageUsage:
        return ImageUsage(self.text_tokens, self.image_tokens, output_tokens(self.order))


def asked_of(job: ImageJob) -> Asked:
    """Return the texts of the request for these images that rules look at."""
    prompt = job.order.prompt
    return Asked(prompt, (prompt,), streamed=job.order.partial_images is not None)


def sketch_of(order: ImageOrder, model: Model) -> Sketch:
    return Sketch(
        order.prompt,
        order.size,
        label=f"Simulated image · {model.name} · {order.size_name} · {order.quality}",
        vivid=order.vivid,
        transparent=order.transparent,
    )


async def gpt_image_answer(kind: str, created: int, job: ImageJob, tempo: Tempo) -> Answer:
    """An answer of a GPT image model; `kind` is the operation's name in the types of its events."""
    order, usage = job.order, job.usage
    painted = await asyncio.to_thread(lambda: _paint_all(job))
    if order.partial_images is None:
        body = gpt_image_body(created, order, [one.image for one in painted], usage)
        return Answer.plain(body, usage=usage.usage, due=tempo.at(order.count))
    events = image_events(kind, created, order, painted, usage)
    chunks = timed(events, order.count, tempo)
    return Answer.stream(chunks, usage=usage.usage)


def _paint_all(job: ImageJob) -> list[Painted]:
    order = job.order
    painted: list[Painted] = []
    for number in range(order.count):
        picture = paint(replace(job.sketch, number=number))
        partial = [
            written(unfinished(picture, stage), order.form, order.compression)
            for stage in range(order.partial_images or 0)
        ]
        painted.append(Painted(written(picture, order.form, order.compression), partial))
    return painted
