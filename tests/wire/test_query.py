"""The secrets in a query."""

import pytest

from simulator.wire.query import mask_addresses, without_secrets


@pytest.mark.parametrize(
    ("query", "harmless"),
    [
        ("", ""),
        ("api-version=1&a=%20b&a", "api-version=1&a=%20b&a"),
        ("a=1&api-key=x", "a=1"),
        ("Code=x&a=1", "a=1"),
        ("sv=1&SIG=x", "sv=1"),
        ("subscription%2Dkey=x", ""),
    ],
)
def test_secret_parameters_are_left_out_and_the_rest_stays_as_written(
    query: str, harmless: str
) -> None:
    assert without_secrets(query) == harmless


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (b"x://a?sig=" + b"s" * 10_000 + b"&b=1 sig=c", b"x://a?sig=***&b=1 sig=c"),
        (b"x://" + b"&" * 8_190 + b"code=s&b", b"x://" + b"&" * 8_190 + b"code=***&b"),
        (b" " * 8_190 + b"://a?sig=s", b" " * 8_190 + b"://a?sig=***"),
        (b'"x://a?sig=s" ' * 3, b'"x://a?sig=***" ' * 3),
        (b"x://" + b"://" * 9_000 + b";token=s", b"x://" + b"://" * 9_000 + b";token=***"),
        (b"x:\\/\\/a\\u0026sig=s\\u0026b", b"x:\\/\\/a\\u0026sig=***\\u0026b"),
        (b"x://a?sig=&sig=", b"x://a?sig=&sig="),
        (b"x:// ?sig=s", b"x:// ?sig=s"),
    ],
)
def test_secrets_are_masked_in_addresses_of_any_length(text: bytes, masked: bytes) -> None:
    assert mask_addresses(text) == masked
