"""The number of values in a JSON body, which is bounded before anything decodes it.

A decoder makes all values of a body in one go, in which no other thread runs: a million objects take
half a second, whatever thread they are made on.
"""

import re

from simulator.errors import InvalidRequest
from simulator.messages import Request

MOST_VALUES = 500_000
"""Values, as far as commas divide them."""

# A piece of a text, short enough for other threads to wait for.
_PIECE = re.compile(rb'(?:[^"\\]{1,4096}+|\\.){0,64}+', re.DOTALL)


def check_values(request: Request) -> None:
    """Raises `InvalidRequest` for a body of too many values; forms have none."""
    body = request.body
    if len(body) < MOST_VALUES:
        return
    if request.headers.get("content-type", "").lower().startswith("multipart/"):
        return
    # Most bodies have fewer commas, those of texts included.
    if body.count(b",") >= MOST_VALUES and _has_too_many(body):
        raise InvalidRequest(
            f"The body of the request has more than {MOST_VALUES} JSON values.",
            code="too_many_values",
        )


def _has_too_many(body: bytes) -> bool:
    """Count the commas outside of texts; of more texts than two for each comma it is no JSON."""
    commas = at = 0
    for _ in range(2 * MOST_VALUES):
        text = body.find(b'"', at)
        commas += body.count(b",", at, None if text < 0 else text)
        if text < 0 or commas >= MOST_VALUES:
            return commas >= MOST_VALUES
        at = _end_of_text(body, text + 1)
    return True


def _end_of_text(body: bytes, at: int) -> int:
    """Return the offset behind the quotation mark that ends a text."""
    while found := _PIECE.match(body, at):
        if found.end() == at:
            break
        at = found.end()
    return at + 1
