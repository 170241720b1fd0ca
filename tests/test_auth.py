import hmac

import pytest

from simulator.auth import Authenticator
from simulator.errors import AccessDenied, ApiError, TokenMissing, Unavailable

KEY = "0123456789abcdef"


@pytest.mark.parametrize(
    "headers",
    [
        {"api-key": KEY},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer {KEY}"},
        {"authorization": f"BEARER   {KEY} "},
        {"api-key": KEY, "authorization": "Bearer something-else"},
    ],
)
def test_the_key_lets_in(headers: dict[str, str]) -> None:
    Authenticator(KEY).check(headers)


@pytest.mark.parametrize(
    "offered",
    ["", "wrong", KEY[:-1], KEY + "0", KEY.upper(), f" {KEY}", f"{KEY} ", "\xff", "\u20ac", "\0"],
)
def test_another_key_is_denied(offered: str) -> None:
    with pytest.raises(AccessDenied):
        Authenticator(KEY).check({"api-key": offered})


def test_a_wrong_key_is_not_made_good_by_a_right_token() -> None:
    with pytest.raises(AccessDenied):
        Authenticator(KEY).check({"api-key": "wrong", "authorization": f"Bearer {KEY}"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {KEY}"},
        {"authorization": KEY},
        {"authorization": f"Bearer{KEY}"},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Bearer {KEY} {KEY}"},
        {"authorization": "Bearer \xff"},
    ],
)
def test_without_a_key_or_a_valid_token_nobody_is_let_in(headers: dict[str, str]) -> None:
    with pytest.raises(TokenMissing):
        Authenticator(KEY).check(headers)


def test_a_key_beyond_ascii_is_compared_by_its_bytes() -> None:
    # A header's bytes are read as Latin-1.
    Authenticator("schlüssel").check({"api-key": "schlüssel".encode().decode("latin-1")})


@pytest.mark.parametrize("headers", [{}, {"api-key": ""}, {"api-key": KEY}])
def test_without_a_key_to_compare_with_every_caller_reads_why(headers: dict[str, str]) -> None:
    with pytest.raises(Unavailable, match="SIMULATOR_API_KEY"):
        Authenticator("").check(headers)


def test_an_anonymous_route_needs_no_key_of_its_callers() -> None:
    for headers in ({}, {"api-key": "wrong"}):
        Authenticator(KEY).check(headers, anonymous=True)


def test_without_a_key_to_compare_with_an_anonymous_route_is_not_served() -> None:
    with pytest.raises(Unavailable, match="SIMULATOR_API_KEY"):
        Authenticator("").check({}, anonymous=True)


def test_a_refusal_never_repeats_a_key() -> None:
    for headers in ({"api-key": "guess-7"}, {"authorization": "Bearer guess-7"}):
        with pytest.raises(ApiError) as refused:
            Authenticator(KEY).check(headers)
        assert b"guess-7" not in refused.value.body()
        assert KEY.encode() not in refused.value.body()


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return False

    # Time itself is too noisy to measure here.
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for headers in ({"api-key": "a"}, {"authorization": "Bearer b"}):
        with pytest.raises(ApiError):
            Authenticator(KEY).check(headers)
    assert compared == [(b"a", KEY.encode()), (b"b", KEY.encode())]
