"""Charts as SVG that stands in a page: lines over the seconds of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 900, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 10, 10, 24
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A value for each second, None where there is none; `style` is a class of the page's style."""

    label: str
    style: str
    values: Sequence[float | None]


def chart(title: str, lines: Sequence[Line]) -> str:
    """Return a figure with a title, a legend and the lines; all begin at second 0."""
    length = max(1, max(len(line.values) for line in lines) - 1)
    largest = max(
        (value for line in lines for value in line.values if value is not None), default=0
    )
    largest = largest or 1.0
    drawn = "".join(
        f'<path class="line {line.style}" d="{_path(line.values, length, largest)}"/>'
        for line in lines
    )
    legend = "".join(
        f'<span class="{line.style}">&#9632; {escape(line.label)}</span>' for line in lines
    )
    return (
        f"<figure><figcaption><b>{escape(title)}</b> {legend}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(_grid(length, largest))}{drawn}</svg></figure>"
    )


def _x(second: float, length: int) -> float:
    return _LEFT + second / length * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float, largest: float) -> float:
    return _HEIGHT - _BOTTOM - value / largest * (_HEIGHT - _TOP - _BOTTOM)


def _path(values: Sequence[float | None], length: int, largest: float) -> str:
    points = [
        f"{_x(second, length):.1f} {_y(value, largest):.1f}"
        for second, value in enumerate(values)
        if value is not None
    ]
    # A single point is drawn as a dot, which a path of one move would not be.
    return f"M{points[0]} L{' L'.join(points[1:] or points)}" if points else ""


def _grid(length: int, largest: float) -> Iterator[str]:
    for tick in range(_TICKS + 1):
        value, second = largest * tick / _TICKS, length * tick / _TICKS
        y, x = _y(value, largest), _x(second, length)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f} H{_WIDTH - _RIGHT}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.4g}</text>'
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{second:g} s</text>'
