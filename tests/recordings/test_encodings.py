import gzip
import random
import tracemalloc
import zlib

import pytest

from simulator.recordings.cassette_bounds import RefusedError
from simulator.recordings.encodings import decoded, is_known

SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_003]


def whole(encoding: str, body: bytes) -> bytes:
    return b"".join(decoded(encoding, body))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("letters", [1, 3, 256])
def test_every_body_is_decoded_as_a_whole_one_is(size: int, letters: int) -> None:
    body = bytes(random.Random(size).choices(range(letters), k=size))
    packed = gzip.compress(body, mtime=0)
    assert whole("gzip", packed) == whole("x-gzip", packed) == body
    assert whole("deflate", zlib.compress(body)) == body


def test_members_and_their_padding_are_one_body() -> None:
    packed = (
        gzip.compress(b"a" * 70_000, mtime=0)
        + gzip.compress(b"")
        + gzip.compress(b"b")
        + bytes(70_000)
    )
    assert whole("gzip", packed) == gzip.decompress(packed) == b"a" * 70_000 + b"b"


def test_bytes_after_a_deflated_body_are_left_out() -> None:
    assert whole("deflate", zlib.compress(b"a") + b"more") == b"a"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b'{"plain": 1}'),
        ("gzip", b""),
        ("gzip", gzip.compress(b"a" * 1_000, mtime=0)[:-1]),
        ("gzip", gzip.compress(b"a", mtime=0) + b"more"),
        ("gzip", gzip.compress(b"a", mtime=0)[:-8] + bytes(8)),
        ("deflate", b"plain"),
        ("deflate", zlib.compress(b"a" * 1_000)[:-1]),
    ],
)
def test_a_damaged_body_is_an_error(encoding: str, body: bytes) -> None:
    with pytest.raises(zlib.error):
        whole(encoding, body)


def test_members_without_end_are_refused() -> None:
    body = gzip.compress(b"", mtime=0) * 1_000
    assert whole("gzip", body) == b""
    with pytest.raises(RefusedError, match="more than 1,000 members"):
        whole("gzip", body + gzip.compress(b"", mtime=0))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_no_more_than_a_piece_is_decoded_at_a_time(encoding: str) -> None:
    body = {"gzip": gzip.compress, "deflate": zlib.compress}[encoding](bytes(32 * 2**20))
    tracemalloc.start()
    try:
        assert max(len(piece) for piece in decoded(encoding, body)) <= 65_536
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_other_encodings_are_unknown() -> None:
    assert [name for name in ("gzip", "x-gzip", "deflate", "br", "") if is_known(name)] == [
        "gzip",
        "x-gzip",
        "deflate",
    ]
