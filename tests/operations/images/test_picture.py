"""Made-up images."""

import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from simulator.operations.images.picture import (
    MAX_PIXELS,
    PictureFormat,
    Sketch,
    UnreadablePicture,
    encode,
    open_picture,
    paint,
    reduced,
    unfinished,
)

SKETCH = Sketch("A cute baby sea otter", (256, 256), "Simulated image")


def _file(picture: Image.Image, form: str = "PNG") -> bytes:
    file = io.BytesIO()
    picture.save(file, form)
    return file.getvalue()


def test_the_same_sketch_is_painted_the_same() -> None:
    assert paint(SKETCH).tobytes() == paint(SKETCH).tobytes()


@pytest.mark.parametrize(
    "other",
    [
        replace(SKETCH, prompt="A corgi"),
        replace(SKETCH, label="Another label"),
        replace(SKETCH, number=1),
        replace(SKETCH, vivid=False),
    ],
)
def test_another_sketch_is_painted_differently(other: Sketch) -> None:
    assert paint(other).tobytes() != paint(SKETCH).tobytes()


@given(st.text(max_size=700))
@settings(deadline=None, max_examples=30)
def test_any_prompt_can_be_shown(prompt: str) -> None:
    assert paint(replace(SKETCH, prompt=prompt)).size == (256, 256)


@pytest.mark.parametrize("prompt", ["word " * 400, "x" * 2000, "long " * 70, "\n\n"])
def test_a_long_prompt_stays_in_its_panel(prompt: str) -> None:
    picture = paint(replace(SKETCH, prompt=prompt, transparent=True))
    left, top, right, bottom = picture.getchannel("A").getbbox() or (0, 0, 0, 0)
    assert 0 < left < right < 256
    assert 30 < top < bottom < 256


def test_a_transparent_picture_shows_its_panel_alone() -> None:
    picture = paint(replace(SKETCH, transparent=True))
    assert picture.getpixel((128, 10)) == (0, 0, 0, 0)
    assert picture.getchannel("A").getextrema()[1] == 255


def test_an_edit_starts_from_its_image() -> None:
    base = _file(Image.new("RGB", (300, 200), (10, 200, 30)))
    assert paint(replace(SKETCH, base=base)).getpixel((128, 10)) == (10, 200, 30, 255)


def test_a_mask_keeps_what_is_not_transparent_in_it() -> None:
    base = _file(Image.new("RGB", (256, 256), (10, 200, 30)))
    mask = Image.new("RGBA", (256, 256), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 128, 256))
    picture = paint(replace(SKETCH, base=base, mask=_file(mask)))
    assert picture.getpixel((200, 10)) == (10, 200, 30, 255)
    assert picture.getpixel((60, 10)) != (10, 200, 30, 255)


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_a_file_is_of_its_format(form: PictureFormat) -> None:
    picture = Image.open(io.BytesIO(encode(paint(SKETCH), form)))
    assert (picture.format, picture.size) == (form.upper(), (256, 256))


@pytest.mark.parametrize("form", ["jpeg", "webp"])
def test_a_low_quality_is_a_small_file(form: PictureFormat) -> None:
    picture = paint(SKETCH)
    assert len(encode(picture, form, 10)) < len(encode(picture, form, 90)) / 2


@pytest.mark.parametrize(("form", "mode"), [("png", "RGBA"), ("webp", "RGBA"), ("jpeg", "RGB")])
def test_transparency_is_kept_where_it_can_be(form: PictureFormat, mode: str) -> None:
    file = encode(paint(replace(SKETCH, transparent=True)), form)
    assert Image.open(io.BytesIO(file)).mode == mode


def test_later_stages_come_nearer_to_the_picture() -> None:
    picture = paint(SKETCH)
    whole = picture.convert("L").tobytes()

    def distance(stage: int) -> int:
        rough = unfinished(picture, stage).convert("L").tobytes()
        return sum(abs(a - b) for a, b in zip(whole, rough, strict=True))

    assert distance(0) > distance(1) > distance(2) > 0


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_uploads_are_opened(form: str) -> None:
    assert open_picture(_file(Image.new("RGB", (40, 30)), form)).size == (40, 30)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff" * 9])
def test_what_is_no_picture_is_distinguished(data: bytes) -> None:
    with pytest.raises(UnreadablePicture):
        open_picture(data)


def test_a_reduced_sketch_is_painted_the_same() -> None:
    base = _file(Image.linear_gradient("L").resize((200, 120)))
    mask = Image.new("RGBA", (200, 120), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (50, 30, 100, 60))
    sketch = Sketch("a boat", (128, 128), "label", number=1, base=base, mask=_file(mask))
    assert paint(reduced(sketch)).tobytes() == paint(sketch).tobytes()


def test_a_gif_is_not_taken() -> None:
    with pytest.raises(UnreadablePicture):
        open_picture(_file(Image.new("P", (4, 4)), "GIF"))


def test_a_picture_that_unpacks_to_too_much_is_refused() -> None:
    header = bytearray(_file(Image.new("L", (1, 1))))
    header[16:24] = (MAX_PIXELS // 1000 + 1).to_bytes(4, "big") + (1000).to_bytes(4, "big")
    with pytest.raises(UnreadablePicture):
        open_picture(bytes(header))


@given(st.data(), st.sampled_from(["PNG", "JPEG", "WEBP"]))
@settings(deadline=None)
def test_no_damage_breaks_the_opening(data: st.DataObject, form: str) -> None:
    damaged = bytearray(_file(Image.linear_gradient("L").resize((24, 24)), form))
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(24, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert (
            open_picture(bytes(damaged[: data.draw(st.integers(0, len(damaged)))])).mode == "RGBA"
        )
    except UnreadablePicture:
        return


def test_a_file_of_two_headers_is_as_large_as_the_one_that_is_decoded() -> None:
    small, large = (_file(Image.new("L", size)) for size in ((8, 8), (9_000, 9_000)))
    # The signature and the first header of a PNG are 33 bytes.
    with pytest.raises(UnreadablePicture):
        open_picture(small[:33] + large[8:])
