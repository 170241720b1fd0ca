"""Files of images with very many parts, on which libraries would work for minutes."""

import io

import pytest
from PIL import Image

from simulator.tokens.chat_images import image_size
from simulator.tokens.image_parts import MOST_PARTS, has_too_many_parts


def _file(form: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, form, **options)
    return file.getvalue()


PNG, JPEG = _file("PNG"), _file("JPEG", comment=b"x" * 60_000)


@pytest.mark.parametrize("data", [PNG, JPEG, PNG[:40], JPEG[:30], JPEG[:2], _file("WEBP"), b""])
def test_an_image_has_few_parts(data: bytes) -> None:
    assert not has_too_many_parts(data)


@pytest.mark.parametrize(
    "data",
    [
        PNG[:33] + b"\0\0\0\0tEXtcrc4" * MOST_PARTS + PNG[33:],
        JPEG[:2] + b"\xff\xe1\0\x02" * MOST_PARTS + JPEG[2:],
        JPEG[:2] + b"\xff" * MOST_PARTS + JPEG[2:],
        JPEG[:2] + b"\xff\xd0" * MOST_PARTS + JPEG[2:],
        JPEG[:2] + b"\xff\xe1\0\x02" + b"\0" * 99 + JPEG[2:],
    ],
)
def test_one_of_very_many_parts_is_not_looked_at(data: bytes) -> None:
    assert has_too_many_parts(data)
    assert image_size(data) is None
