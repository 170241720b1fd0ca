"""Headers that an answer shares with others, and its own."""

import pytest

from simulator.headers import Headers, SharedHeaders, joined, parted
from simulator.hosting.header_lines import lines_of, pairs_of

SHARED = SharedHeaders({"x-a": "1", "x-b": "2"})


@pytest.mark.parametrize("own", [{}, {"x-c": "3"}, {"x-b": "other", "x-c": "3"}])
def test_they_read_like_one_dict_in_which_its_own_ones_win(own: dict[str, str]) -> None:
    headers, expected = Headers(SHARED, own), {**SHARED.values, **own}
    assert dict(headers) == expected
    assert (len(headers), bool(headers)) == (len(expected), True)
    for name in ("x-a", "x-b", "x-c", "x-d"):
        assert (name in headers) is (name in expected)
        assert headers.get(name, "none") == expected.get(name, "none")


def test_without_any_header_they_are_false() -> None:
    assert not Headers(SharedHeaders({}), {})


@pytest.mark.parametrize("own", [{"x-c": "3"}, {"x-b": "other"}, {"apim-request-id": "é"}])
def test_each_header_leaves_once(own: dict[str, str]) -> None:
    sent = pairs_of(lines_of(Headers(SHARED, own)))
    assert sorted(sent) == sorted(pairs_of(lines_of({**SHARED.values, **own})))


def test_more_of_its_own_leaves_the_first_as_it_was() -> None:
    first = Headers(SHARED, {"x-c": "3"})
    assert dict(first | {"x-a": "more"}) == {"x-a": "more", "x-b": "2", "x-c": "3"}
    assert dict(first) == {"x-a": "1", "x-b": "2", "x-c": "3"}


def test_joined_headers_are_made_once_and_the_later_ones_win() -> None:
    later = SharedHeaders({"x-b": "later"})
    assert joined(SHARED, later).values == {"x-a": "1", "x-b": "later"}
    assert joined(SHARED, later) is joined(SHARED, later)


def test_parted_headers_share_what_is_not_of_one_answer_alone() -> None:
    one, other = (parted({"x-a": "1", "x-request-id": number}) for number in "12")
    assert one.shared is other.shared
    assert (dict(one), one.own) == ({"x-a": "1", "x-request-id": "1"}, {"x-request-id": "1"})
