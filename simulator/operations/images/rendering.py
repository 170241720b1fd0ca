"""The shared work of the image operations: painting, off the event loop, and answering."""

import asyncio
from dataclasses import dataclass, replace

from simulator.catalogue.models import Model
from simulator.latency import Tempo
from simulator.messages import Answer
from simulator.operations.base import RequestSummary
from simulator.operations.images.parameters import ImageOptions
from simulator.operations.images.picture import (
    Sketch,
    encode,
    file_of,
    paint,
    reduced,
    unfinished,
    with_file,
)
from simulator.operations.images.wire import (
    ImageUsage,
    Painted,
    gpt_image_body,
    image_events,
    output_tokens,
    timed,
)
from simulator.synthesis.script import Script


@dataclass(frozen=True, slots=True)
class ImageJob:
    """Images to be made: their options, what the first one shows, and what was put in."""

    options: ImageOptions
    sketch: Sketch
    text_tokens: int = 0
    image_tokens: int = 0

    @property
    def usage(self) -> ImageUsage:
        tokens, detailed = output_tokens(self.options), self.options.any_size
        return ImageUsage(self.text_tokens, self.image_tokens, tokens, detailed)


def summary_of(job: ImageJob) -> RequestSummary:
    """Return the texts of the request for these images that rules look at."""
    prompt = job.options.prompt
    return RequestSummary(prompt, (prompt,), streamed=job.options.partial_images is not None)


def sketch_of(options: ImageOptions, model: Model) -> Sketch:
    return Sketch(
        options.prompt,
        options.size,
        label=f"Simulated image · {model.name} · {options.size_name} · {options.quality}",
        vivid=options.vivid,
        transparent=options.transparent,
    )


async def gpt_image_answer(
    kind: str, created: int, job: ImageJob, tempo: Tempo, script: Script | None
) -> Answer:
    """An answer of a GPT image model; `kind` is the operation's name in the types of its events."""
    options, usage = job.options, job.usage
    painted = await asyncio.to_thread(lambda: _paint_all(job, script))
    if options.partial_images is None:
        body = gpt_image_body(created, options, [one.image for one in painted], usage)
        return Answer.plain(body, usage=usage.usage, due=tempo.at(options.count))
    events = image_events(kind, created, options, painted, usage)
    chunks = timed(events, options.count, tempo)
    return Answer.stream(chunks, usage=usage.usage)


def _paint_all(job: ImageJob, script: Script | None) -> list[Painted]:
    options = job.options
    sketch = with_file(job.sketch, script and script.image)
    if options.count > 1 and sketch.ready is None:
        sketch = reduced(sketch)
    painted: list[Painted] = []
    for number in range(options.count):
        picture = paint(replace(sketch, number=number))
        partial = [
            encode(unfinished(picture, stage), options.form, options.compression)
            for stage in range(options.partial_images or 0)
        ]
        image = file_of(sketch, picture, options.form, options.compression)
        painted.append(Painted(image, partial))
    return painted
