import hmac

import pytest

from simulator.authentication.authenticator import Authenticator, Key
from simulator.errors import AccessDenied, ApiError, KeysDisabled, TokenMissing, Unavailable
from simulator.messages import Request

KEY = "0123456789abcdef"


async def checked(authenticator: Authenticator, headers: dict[str, str]) -> None:
    await authenticator.check(Request("GET", "/", headers=headers))


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
async def test_the_key_lets_in(headers: dict[str, str]) -> None:
    await checked(Authenticator(KEY), headers)


@pytest.mark.parametrize(
    "offered",
    ["", "wrong", KEY[:-1], KEY + "0", KEY.upper(), f" {KEY}", f"{KEY} ", "\xff", "\u20ac", "\0"],
)
async def test_another_key_is_denied(offered: str) -> None:
    with pytest.raises(AccessDenied):
        await checked(Authenticator(KEY), {"api-key": offered})


async def test_a_wrong_key_is_not_made_good_by_a_right_token() -> None:
    with pytest.raises(AccessDenied):
        await checked(Authenticator(KEY), {"api-key": "wrong", "authorization": f"Bearer {KEY}"})


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
async def test_without_a_key_or_a_valid_token_nobody_is_let_in(headers: dict[str, str]) -> None:
    with pytest.raises(TokenMissing):
        await checked(Authenticator(KEY), headers)


async def test_a_key_beyond_ascii_is_compared_by_its_bytes() -> None:
    # A header's bytes are read as Latin-1.
    await checked(Authenticator("schlüssel"), {"api-key": "schlüssel".encode().decode("latin-1")})


@pytest.mark.parametrize("headers", [{}, {"api-key": ""}, {"api-key": KEY}])
async def test_without_a_key_to_compare_with_every_caller_reads_why(
    headers: dict[str, str],
) -> None:
    with pytest.raises(Unavailable, match="SIMULATOR_API_KEY"):
        await checked(Authenticator(""), headers)


async def test_an_anonymous_route_needs_no_key_of_its_callers() -> None:
    for headers in ({}, {"api-key": "wrong"}):
        await Authenticator(KEY).check(Request("GET", "/", "", headers), anonymous=True)


async def test_without_a_key_to_compare_with_an_anonymous_route_is_not_served() -> None:
    with pytest.raises(Unavailable, match="SIMULATOR_API_KEY"):
        await Authenticator("").check(Request("GET", "/"), anonymous=True)


async def test_a_refusal_never_repeats_a_key() -> None:
    for headers in ({"api-key": "guess-7"}, {"authorization": "Bearer guess-7"}):
        with pytest.raises(ApiError) as refused:
            await checked(Authenticator(KEY), headers)
        assert b"guess-7" not in refused.value.body()
        assert KEY.encode() not in refused.value.body()


async def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return False

    # Time itself is too noisy to measure here.
    monkeypatch.setattr(hmac, "compare_digest", compare)
    for headers in ({"api-key": "a"}, {"authorization": "Bearer b"}):
        with pytest.raises(ApiError):
            await checked(Authenticator(KEY), headers)
    assert compared == [(b"a", KEY.encode()), (b"b", KEY.encode())]


async def only(token: str) -> None:
    if token != "good":
        raise TokenMissing


@pytest.mark.parametrize("key", [KEY, ""])
async def test_a_token_lets_in_with_a_key_set_or_without(key: str) -> None:
    await checked(Authenticator(key, only), {"authorization": "Bearer good"})


@pytest.mark.parametrize("key", [KEY, ""])
@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer bad"}, {"authorization": "Basic good"}]
)
async def test_another_token_does_not(key: str, headers: dict[str, str]) -> None:
    with pytest.raises(TokenMissing):
        await checked(Authenticator(key, only), headers)


async def test_the_key_is_a_bearer_too_where_tokens_let_in() -> None:
    await checked(Authenticator(KEY, only), {"authorization": f"Bearer {KEY}"})


@pytest.mark.parametrize("offered", ["", KEY])
async def test_without_a_key_of_its_own_a_key_is_refused_as_tokens_alone_let_in(
    offered: str,
) -> None:
    with pytest.raises(KeysDisabled):
        await checked(Authenticator("", only), {"api-key": offered})


async def ours(request: Request, key: Key) -> bool | None:
    offered = request.headers.get("ocp-apim-subscription-key")
    return None if offered is None else key.matches(offered)


async def test_an_extension_lets_in_by_its_own_header() -> None:
    await checked(Authenticator(KEY, own=(ours,)), {"ocp-apim-subscription-key": KEY})


async def test_what_an_extension_refuses_is_denied_whatever_else_there_is() -> None:
    headers = {"ocp-apim-subscription-key": "wrong", "api-key": KEY}
    with pytest.raises(AccessDenied):
        await checked(Authenticator(KEY, own=(ours,)), headers)


@pytest.mark.parametrize(
    ("headers", "error"), [({"api-key": "wrong"}, AccessDenied), ({}, TokenMissing)]
)
async def test_what_no_extension_handles_is_checked_as_ever(
    headers: dict[str, str], error: type[ApiError]
) -> None:
    await checked(Authenticator(KEY, own=(ours,)), {"api-key": KEY})
    with pytest.raises(error):
        await checked(Authenticator(KEY, own=(ours,)), headers)


@pytest.mark.parametrize("offered", ["", KEY])
async def test_no_header_is_like_a_key_that_is_not_set(offered: str) -> None:
    with pytest.raises(Unavailable):
        await checked(Authenticator("", own=(ours,)), {"ocp-apim-subscription-key": offered})
