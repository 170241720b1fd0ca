"""The chat requests of the benchmark: no two alike, of 97 prompt tokens, for answers of 100."""

import json
import random
from collections.abc import Sequence

from bench.servers import DEPLOYMENT, KEY
from simulator.synthesis.filler_text import FillerText

PATH = f"/openai/deployments/{DEPLOYMENT}/chat/completions?api-version=2024-10-21"
# One user message is 7 tokens more than its text.
_TEXT_TOKENS = 90
# More than the simulator remembers token counts of.
_DISTINCT = 4000


def chats(*, stream: bool = False) -> Sequence[bytes]:
    """Whole HTTP requests."""
    rng = random.Random(1)
    words = [piece for piece in FillerText().pieces(10_000, rng) if piece.startswith(" ")]
    return [
        request(
            PATH,
            {
                "messages": [
                    {"role": "user", "content": "".join(rng.choices(words, k=_TEXT_TOKENS))}
                ],
                "max_tokens": 100,
                "stream": stream,
            },
        )
        for _ in range(_DISTINCT)
    ]


def request(path: str, body: object) -> bytes:
    content = json.dumps(body).encode()
    return _with_body(path, content)


def moved(requests: Sequence[bytes], path: str) -> Sequence[bytes]:
    """The same requests to another path."""
    return [_with_body(path, request.partition(b"\r\n\r\n")[2]) for request in requests]


def _with_body(path: str, content: bytes) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\napi-key: {KEY}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    ).encode() + content
