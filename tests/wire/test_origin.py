"""The address under which a client sees the simulator."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.wire.origin import origin_of


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"host": "127.0.0.1:8000"}, "http://127.0.0.1:8000"),
        ({"host": "[::1]:8000"}, "http://[::1]:8000"),
        ({"host": "a.net", "x-forwarded-proto": "https"}, "https://a.net"),
        ({"host": "a.net", "x-forwarded-proto": "https,http"}, "https://a.net"),
        ({"host": "a.net", "x-forwarded-proto": "http,https"}, "http://a.net"),
        ({"host": "a.net", "x-appservice-proto": "https"}, "https://a.net"),
        ({"host": "a.net", "x-appservice-proto": "HTTPS, http"}, "https://a.net"),
        ({"host": "a.net", "x-arr-ssl": "2048|256|CN=x"}, "https://a.net"),
        ({"host": "inner", "x-forwarded-host": "a.net"}, "http://a.net"),
        (
            {"host": "a.net", "x-forwarded-proto": "http", "x-appservice-proto": "https"},
            "https://a.net",
        ),
        (
            {
                "host": "127.0.0.1:41000",
                "x-forwarded-host": "app.azurewebsites.net, inner",
                "x-forwarded-proto": "HTTPS, http",
            },
            "https://app.azurewebsites.net",
        ),
        ({"host": "a.net", "x-forwarded-host": "evil/path?"}, "http://a.net"),
        ({"host": "a b"}, "http://localhost"),
        ({}, "http://localhost"),
    ],
)
def test_the_origin_is_what_the_client_used(headers: dict[str, str], origin: str) -> None:
    assert origin_of(headers) == origin


@given(st.text(), st.text(), st.text())
def test_no_header_gets_out_of_the_origin(host: str, forwarded: str, proto: str) -> None:
    headers = {"host": host, "x-forwarded-host": forwarded, "x-forwarded-proto": proto}
    scheme, _, rest = origin_of(headers).partition("://")
    assert scheme in ("http", "https")
    assert not set(rest) & set("/?#@\\ \r\n\t\"'<>")
