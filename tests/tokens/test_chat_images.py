import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.catalogue.models import find_model
from simulator.tokens.chat_images import (
    DEFAULT_IMAGE_SIZE,
    Detail,
    ImageTokens,
    PatchImageTokens,
    TileImageTokens,
    image_size,
    image_tokens,
    patches,
)

GPT_4O = TileImageTokens(85, 170)
GPT_41_MINI = PatchImageTokens(1.62)

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">LLBBBBB", 300, 200, 8, 6, 0, 0, 0)
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xc0\x00\x11\x08"
    + struct.pack(">HH", 200, 300)
    + b"\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01"
)
GIF = b"GIF89a" + struct.pack("<HH", 300, 200) + b"\x00\x00\x00"
WEBP = (
    b"RIFF\x1e\x00\x00\x00WEBPVP8X\n\x00\x00\x00\x00\x00\x00\x00"
    + struct.pack("<I", 299)[:3]
    + struct.pack("<I", 199)[:3]
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"></svg>'


@pytest.mark.parametrize(
    ("size", "detail", "rule", "tokens"),
    [
        ((1024, 1024), "high", GPT_4O, 765),
        ((1024, 1024), "auto", GPT_4O, 765),
        ((2048, 4096), "high", GPT_4O, 1105),
        ((4096, 8192), "low", GPT_4O, 85),
        ((512, 512), "high", GPT_4O, 255),
        ((1, 1), "high", GPT_4O, 255),
        ((1024, 1024), "high", TileImageTokens(2833, 5667), 25501),
        ((1024, 1024), "high", PatchImageTokens(1.0), 1024),
        ((1800, 2400), "high", PatchImageTokens(1.0), 1452),
        ((2511, 3807), "high", PatchImageTokens(1.0), 1457),
        ((1024, 1024), "high", GPT_41_MINI, 1659),
        ((1024, 1024), "low", PatchImageTokens(1.0), 256),
        ((10_000, 1), "low", PatchImageTokens(1.0), 16),
    ],
)
def test_an_image_costs_what_the_guide_says(
    size: tuple[int, int], detail: Detail, rule: ImageTokens, tokens: int
) -> None:
    assert image_tokens(*size, detail, rule) == tokens


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("gpt-5-mini", (400, 301), 158),
        ("gpt-5-mini", (597, 566), 413),
        ("gpt-4.1-nano", (540, 360), 503),
        ("gpt-4o", (3008, 2000), 1105),
    ],
)
def test_an_image_costs_what_was_recorded(model: str, size: tuple[int, int], tokens: int) -> None:
    rule = find_model(model).image_tokens
    assert rule is not None
    assert image_tokens(*size, "auto", rule) == tokens


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_no_image_has_more_than_1536_patches(width: int, height: int) -> None:
    assert 1 <= patches(width, height) <= 1536


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_an_image_costs_the_same_on_its_side(width: int, height: int) -> None:
    assert image_tokens(width, height, "high", GPT_4O) == image_tokens(
        height, width, "high", GPT_4O
    )


@pytest.mark.parametrize("image", [PNG, JPEG, GIF, WEBP], ids=["png", "jpeg", "gif", "webp"])
def test_the_size_of_an_image_is_read_from_its_header(image: bytes) -> None:
    assert image_size(image) == (300, 200)


@pytest.mark.parametrize(
    "content", [b"", b"text", SVG, PNG[:12], JPEG[:10], GIF[:7]], ids=lambda content: content[:8]
)
def test_what_is_no_readable_image_has_no_size(content: bytes) -> None:
    assert image_size(content) is None


def test_an_image_that_is_not_looked_at_is_taken_for_a_square() -> None:
    assert DEFAULT_IMAGE_SIZE == (1024, 1024)
