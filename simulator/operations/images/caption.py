"""The panel of text on a generated image: its prompt, and that it is simulated."""

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL import Image, ImageFont

    Font = ImageFont.FreeTypeFont

_LONGEST = 420
_SIZES = 4
_FEW_LINES, _MOST_LINES = 2, 7
# Shares of the shorter side of the image.
_MARGIN, _PADDING, _SMALL = 0.045, 0.035, 0.026
_LARGEST_TEXT, _SMALLEST_TEXT = 0.062, 0.03
_LINE = 1.28
# Heights of the small text: the room for the label, and its top above the foot of the panel.
_LABEL_ROOM, _LABEL_TOP = 1.9, 1.15
_DARKNESS = 150
_WHITE, _PALE = (255, 255, 255, 255), (255, 255, 255, 200)


def add_caption(picture: "Image.Image", prompt: str, label: str) -> "Image.Image":
    """The picture in RGBA with a panel at its foot: the prompt, and the label in small below it."""
    from PIL import Image, ImageDraw

    side = min(picture.size)
    margin, padding = int(side * _MARGIN), int(side * _PADDING)
    room = picture.width - 2 * (margin + padding)
    small = _font(side * _SMALL)
    font, lines = _fit(prompt, room, side)
    line = int(font.size * _LINE)
    height = line * len(lines) + int(small.size * _LABEL_ROOM) + 2 * padding
    top = picture.height - margin - height
    layer = Image.new("RGBA", picture.size)
    draw = ImageDraw.Draw(layer)
    box = (margin, top, picture.width - margin, picture.height - margin)
    draw.rounded_rectangle(box, radius=padding, fill=(12, 14, 24, _DARKNESS))
    for number, text in enumerate(lines):
        draw.text((margin + padding, top + padding + number * line), text, _WHITE, font)
    foot = picture.height - margin - padding - int(small.size * _LABEL_TOP)
    draw.text((margin + padding, foot), _cut(label, small, room), _PALE, small)
    return Image.alpha_composite(picture.convert("RGBA"), layer)


def _font(size: float) -> "Font":
    from PIL import ImageFont

    # Pillow brings this scalable font along (its wheels do); there may be no other on the machine.
    return cast("Font", ImageFont.load_default(max(8.0, size)))


def _fit(prompt: str, room: int, side: int) -> "tuple[Font, list[str]]":
    """The largest text that fits into the lines that there are; what does not is cut off."""
    words = prompt[:_LONGEST].split()
    for step in range(_SIZES):
        font = _font(side * (_LARGEST_TEXT - (_LARGEST_TEXT - _SMALLEST_TEXT) * step / _SIZES))
        lines = _wrapped(words, font, room)
        if len(lines) <= _FEW_LINES + step:
            return font, lines
    font = _font(side * _SMALLEST_TEXT)
    lines = _wrapped(words, font, room)
    if len(lines) > _MOST_LINES or len(prompt) > _LONGEST:
        lines = lines[:_MOST_LINES]
        lines[-1] = _cut(f"{lines[-1]} …", font, room)
    return font, lines


def _wrapped(words: list[str], font: "Font", room: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(_cut(word, font, room))
    return lines or [""]


def _cut(text: str, font: "Font", room: int) -> str:
    """The text, without its middle if it is too long for the line."""
    while len(text) > 2 and font.getlength(text) > room:
        keep = (len(text) - 2) // 2
        text = f"{text[:keep]}…{text[-keep:]}" if keep else "…"
    return text
