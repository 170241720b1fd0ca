"""What an analysis tells, in the form of api-version 2024-11-30 (Microsoft's documentation)."""

import random
from datetime import UTC, datetime
from typing import Any

WORDS = [
    "invoice",
    "total",
    "amount",
    "due",
    "date",
    "customer",
    "address",
    "order",
    "number",
    "quantity",
    "unit",
    "price",
    "tax",
    "payment",
    "terms",
    "account",
    "reference",
    "delivery",
    "note",
    "signature",
    "approved",
    "contract",
    "page",
    "summary",
    "balance",
]
# In inches.
WIDTH, HEIGHT, MARGIN, LINE = 8.5, 11.0, 1.0, 0.3
LINES, WORDS_PER_LINE = 12, 7


def analysis(started: float, updated: float, status: str) -> dict[str, Any]:
    """The frame around a result; the moments are in seconds since 1970."""
    return {
        "status": status,
        "createdDateTime": _moment(started),
        "lastUpdatedDateTime": _moment(updated),
    }


def analyze_result(model: str, api_version: str, rng: random.Random) -> dict[str, Any]:
    """One page of made-up lines: the same for the same `rng`."""
    lines = [rng.choices(WORDS, k=WORDS_PER_LINE) for _ in range(LINES)]
    content = "\n".join(" ".join(line) for line in lines)
    page: dict[str, Any] = {
        "pageNumber": 1,
        "angle": 0,
        "width": WIDTH,
        "height": HEIGHT,
        "unit": "inch",
        "words": [],
        "lines": [],
        "spans": [_span(0, content)],
    }
    offset = 0
    for number, line in enumerate(lines):
        text, top = " ".join(line), MARGIN + number * LINE
        page["lines"].append(
            {
                "content": text,
                "polygon": _box(MARGIN, top, len(text)),
                "spans": [_span(offset, text)],
            }
        )
        column = 0
        for word in line:
            box = _box(MARGIN + column * 0.1, top, len(word))
            confidence = round(rng.uniform(0.95, 0.999), 3)
            span = _span(offset + column, word)
            page["words"].append(
                {"content": word, "polygon": box, "confidence": confidence, "span": span}
            )
            column += len(word) + 1
        offset += len(text) + 1
    return {
        "apiVersion": api_version,
        "modelId": model,
        "stringIndexType": "textElements",
        "content": content,
        "pages": [page],
        "paragraphs": [
            {
                "spans": [_span(0, content)],
                "boundingRegions": [{"pageNumber": 1, "polygon": _box(MARGIN, MARGIN, 65, LINES)}],
                "content": content.replace("\n", " "),
            }
        ],
        "tables": [],
        "styles": [],
        "contentFormat": "text",
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _span(offset: int, text: str) -> dict[str, int]:
    return {"offset": offset, "length": len(text)}


def _box(left: float, top: float, characters: int, lines: int = 1) -> list[float]:
    """Four corners, clockwise from the top left."""
    right, bottom = left + characters * 0.1, top + lines * LINE * 0.8
    corners = [left, top, right, top, right, bottom, left, bottom]
    return [round(value, 4) for value in corners]
