import pytest

from simulator.hosting.header_lines import are_plain, lines_of, pairs_of


@pytest.mark.parametrize(
    ("value", "sent"), [("chat", b"chat"), ("a: b", b"a: b"), ("é\r\nx: y", b"%C3%A9%0D%0Ax: y")]
)
def test_a_header_is_one_line_whatever_its_value(value: str, sent: bytes) -> None:
    lines = lines_of({"x-key": value, "x-request-id": value})
    assert lines == [b"x-key: " + sent + b"\r\n", b"x-request-id: " + sent + b"\r\n"]
    assert pairs_of(lines) == [(b"x-key", sent), (b"x-request-id", sent)]


@pytest.mark.parametrize("name", ["Connection", "transfer-encoding", "a b", "x" * 128])
def test_headers_that_the_server_has_to_see_are_not_plain(name: str) -> None:
    lines = lines_of({"content-type": "a", name: "b"})
    assert (are_plain(lines[:1]), are_plain(lines)) == (True, False)


def test_a_line_that_comes_again_is_the_same_object() -> None:
    first, again = (lines_of({"x-again": "value", "apim-request-id": "1"}) for _ in range(2))
    assert (first[0] is again[0], first[1] is again[1]) == (True, False)
