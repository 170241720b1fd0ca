"""The bodies of image answers (OpenAPI document 2024-10-21; OpenAI's for GPT image models)."""

import base64
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from simulator.latency import Tempo
from simulator.messages import Chunk, Usage
from simulator.operations.images.parameters import ImageOptions
from simulator.wire.content_filter import TEXT_RESULTS
from simulator.wire.sse import event

_SAFE = {"filtered": False, "severity": "safe"}
_UNDETECTED = {"detected": False, "filtered": False}
_PROMPT_RESULTS = {
    "hate": _SAFE,
    "profanity": _UNDETECTED,
    "self_harm": _SAFE,
    "sexual": _SAFE,
    "violence": _SAFE,
}
_DALLE_FILTERS: dict[str, object] = {
    "content_filter_results": TEXT_RESULTS,
    "prompt_filter_results": _PROMPT_RESULTS,
}
"""Recorded 2024-03 and 2024-12."""
_FILTERS: dict[str, object] = {
    "content_filter_results": TEXT_RESULTS,
    "prompt_filter_results": {**_PROMPT_RESULTS, "jailbreak": _UNDETECTED},
}

# OpenAI's guide to image generation: tokens of an image by its quality and size.
_OUTPUT_TOKENS = {
    "low": {"1024x1024": 272, "1024x1536": 408, "1536x1024": 400},
    "medium": {"1024x1024": 1056, "1024x1536": 1584, "1536x1024": 1568},
    "high": {"1024x1024": 4160, "1024x1536": 6240, "1536x1024": 6208},
}
_PARTIAL_TOKENS = 100
# Tokens of gpt-image-2 for a square of 1,024 pixels; other sizes are within 5 % of what users saw
# (2026-04).
_SQUARE_TOKENS = {"low": 196, "medium": 1756, "high": 7024}
# The cost of the higher qualities of gpt-image-2.5 was not seen; they count as high.
_HIGHER = frozenset({"xhigh", "max"})
_SQUARE_PIXELS, _NARROWNESS = 1024 * 1024, 0.75


@dataclass(frozen=True, slots=True)
class ImageUsage:
    """Tokens of an answer of a GPT image model."""

    text: int
    images: int
    output: int
    detailed: bool = False
    """The tokens of the output have details, as from gpt-image-2 on (users, 2026-04)."""

    @property
    def usage(self) -> Usage:
        return Usage(self.text + self.images, self.output)

    def members(self) -> dict[str, object]:
        details = {"image_tokens": self.output, "text_tokens": 0}
        return {
            "input_tokens": self.text + self.images,
            "input_tokens_details": {"image_tokens": self.images, "text_tokens": self.text},
            "output_tokens": self.output,
            **({"output_tokens_details": details} if self.detailed else {}),
            "total_tokens": self.text + self.images + self.output,
        }


def output_tokens(options: ImageOptions) -> int:
    """The tokens of all images together, and of the partial ones, of which each costs the same."""
    if options.any_size:
        whole = _tokens_of_any_size(options)
    else:
        whole = _OUTPUT_TOKENS[options.quality][options.size_name]
    return options.count * (whole + _PARTIAL_TOKENS * (options.partial_images or 0))


def _tokens_of_any_size(options: ImageOptions) -> int:
    width, height = options.size
    ratio = min(width, height) / max(width, height)
    share = math.sqrt(width * height / _SQUARE_PIXELS) * ratio**_NARROWNESS
    quality = "high" if options.quality in _HIGHER else options.quality
    return round(_SQUARE_TOKENS[quality] * share)


def dalle_body(created: int, image: dict[str, str], revised_prompt: str) -> bytes:
    """`image` has its one member, `url` or `b64_json`."""
    data = {**_DALLE_FILTERS, "revised_prompt": revised_prompt, **image}
    return msgspec.json.encode({"created": created, "data": [data]}, order="sorted")


def gpt_image_body(
    created: int, options: ImageOptions, images: Sequence[bytes], usage: ImageUsage
) -> bytes:
    data = [{"b64_json": _base64(image), **_FILTERS} for image in images]
    return msgspec.json.encode(
        {"created": created, **_choices(options), "data": data, "usage": usage.members()},
        order="sorted",
    )


@dataclass(frozen=True, slots=True)
class Painted:
    """A finished image and what a stream shows of it before."""

    image: bytes
    partial: Sequence[bytes]


def image_events(
    kind: str, created: int, options: ImageOptions, painted: Sequence[Painted], usage: ImageUsage
) -> Iterator[tuple[bytes, float]]:
    """Each event and the share of the work that is done by then; `kind` is the operation's name in
    the types of its events."""
    shared = {"created_at": created, "size": options.size_name, **_choices(options)}
    for number, one in enumerate(painted):
        steps = len(one.partial) + 1
        for index, partial in enumerate(one.partial):
            name = f"{kind}.partial_image"
            body = {"type": name, "b64_json": _base64(partial), "partial_image_index": index}
            done = (number + (index + 1) / steps) / len(painted)
            yield event(msgspec.json.encode({**body, **shared}), name), done
        name = f"{kind}.completed"
        body = {"type": name, "b64_json": _base64(one.image), "usage": usage.members()}
        yield event(msgspec.json.encode({**body, **shared}), name), (number + 1) / len(painted)


def timed(events: Iterator[tuple[bytes, float]], count: int, tempo: Tempo) -> tuple[Chunk, ...]:
    return tuple(Chunk(data, tempo.at(count * share)) for data, share in events)


def _choices(options: ImageOptions) -> dict[str, object]:
    return {
        "background": "transparent" if options.transparent else "opaque",
        "output_format": options.form,
        "quality": options.quality,
        "size": options.size_name,
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
