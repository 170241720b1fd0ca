"""The sizes of GPT image models, and what they cost."""

from typing import Any

import pytest

from simulator.app import Simulator
from simulator.catalogue.models import find_model
from simulator.operations.images.sizes import ImageSizeRefused, size_of
from tests.conftest import MakeSimulator
from tests.support.asking import ask


@pytest.fixture(scope="module")
def simulator(make_simulator: MakeSimulator) -> Simulator:
    return make_simulator(default_deployment_limits=False)


async def generated(simulator: Simulator, **parameters: Any) -> Any:
    body = {"model": "gpt-image-2", "prompt": "A fox", "quality": "low", **parameters}
    return await ask(simulator, "/openai/v1/images/generations", body, query="")


@pytest.mark.parametrize("size", ["1024x640", "2304x2304", "3840x2160", "2160x3840", "1536x1024"])
def test_gpt_image_2_takes_any_size_within_bounds(size: str) -> None:
    width, height = size.split("x")
    assert size_of(size, find_model("gpt-image-2")) == (int(width), int(height))


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ("1792x936", "Width and height must both be divisible by 16."),
        ("4096x2048", "The longest edge must be less than or equal to 3840."),
        ("3200x1024", "The aspect ratio must be between 1:3 and 3:1."),
        ("768x768", "Requested resolution is below the current minimum pixel budget."),
        ("3072x3072", "Requested resolution exceeds the current pixel budget."),
    ],
)
def test_a_size_beyond_them_is_refused_with_the_reason(size: str, reason: str) -> None:
    with pytest.raises(ImageSizeRefused) as refused:
        size_of(size, find_model("gpt-image-2"))
    assert refused.value.message == f"Invalid size '{size}'. {reason}"
    assert (refused.value.param, refused.value.code) == ("size", "invalid_value")


@pytest.mark.parametrize("size", ["big", "0x16", "100000x16", "1024X1024", "x", ""])
@pytest.mark.parametrize("model", ["gpt-image-2", "gpt-image-1.5"])
async def test_what_is_no_size_is_refused_with_the_usual_ones(
    simulator: Simulator, model: str, size: str
) -> None:
    reply = await generated(simulator, model=model, size=size)
    assert reply.status == 400
    assert reply.error[0].startswith(f"Invalid value: '{size}'. Supported values are: '1024x1024'")


@pytest.mark.parametrize(
    ("parameters", "size", "tokens"),
    [
        ({}, "1024x1024", 196),
        ({"size": "1024x640"}, "1024x640", None),
        ({"n": 2}, "1024x1024", 392),
    ],
)
async def test_its_tokens_follow_from_the_pixels(
    simulator: Simulator, parameters: dict[str, Any], size: str, tokens: int | None
) -> None:
    body = (await generated(simulator, **parameters)).json
    usage = body["usage"]
    assert body["size"] == size
    assert usage["output_tokens_details"] == {
        "image_tokens": usage["output_tokens"],
        "text_tokens": 0,
    }
    assert usage["output_tokens"] == tokens or (tokens is None and usage["output_tokens"] < 196)


async def test_its_usual_quality_is_low_and_its_background_opaque(simulator: Simulator) -> None:
    assert (await generated(simulator, quality="auto")).json["quality"] == "low"
    reply = await generated(simulator, background="transparent")
    assert (reply.status, reply.error[1]) == (400, "background")


@pytest.mark.parametrize(
    ("model", "quality", "taken"),
    [
        ("gpt-image-2.5-flare", "xhigh", True),
        ("gpt-image-2.5-sunburst", "max", True),
        ("gpt-image-2.5-flare", "hd", False),
        ("gpt-image-2", "xhigh", False),
        ("gpt-image-1", "max", False),
    ],
)
async def test_each_model_has_its_qualities(
    simulator: Simulator, model: str, quality: str, taken: bool
) -> None:
    reply = await generated(simulator, model=model, quality=quality, size="1024x1024")
    assert reply.status == (200 if taken else 400)
    if not taken:
        newest = "'high', 'xhigh', 'max', and 'auto'" if "2.5" in model else "'high', and 'auto'"
        message = f"Invalid value: '{quality}'. Supported values are: 'low', 'medium', {newest}."
        assert reply.error == (message, "quality", "invalid_value")


async def test_gpt_image_2_5_paints_what_is_transparent(simulator: Simulator) -> None:
    reply = await generated(simulator, model="gpt-image-2.5-flare", background="transparent")
    assert (reply.status, reply.json["background"]) == (200, "transparent")
