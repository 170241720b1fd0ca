import pytest

from simulator.messages import Request
from simulator.upstream.passing_headers import (
    absolute_locations,
    answer_headers,
    relative_locations,
    request_headers,
)


@pytest.mark.parametrize(
    "name",
    [
        "api-key", "authorization", "cookie", "host", "content-length", "accept-encoding",
        "transfer-encoding", "te", "upgrade", "connection", "expect", "ocp-apim-subscription-key",
        "x-functions-key", "x-forwarded-for", "x-arr-log-id", "x-ms-invocation-id", "x-client-ip",
        "x-ms-client-principal-id",
    ],
)  # fmt: skip
def test_what_belongs_to_the_way_here_is_kept_back(name):
    assert request_headers({name: "x", "openai-beta": "y"}) == {
        "openai-beta": "y",
        "accept-encoding": "identity",
    }


def test_a_header_that_connection_names_is_for_one_hop_only():
    assert "x-hop" not in request_headers({"connection": "close, X-Hop", "x-hop": "1"})
    assert "x-hop" not in answer_headers({"connection": "X-Hop", "x-hop": "1"}, decoded=False)


def test_what_clients_say_about_themselves_goes_on():
    headers = {"user-agent": "a", "x-ms-client-request-id": "b", "x-stainless-os": "c"}
    assert headers.items() <= request_headers(headers).items()


def test_the_encoding_of_a_decoded_body_is_not_passed_on():
    headers = {"content-encoding": "gzip", "content-length": "9", "x-ms-region": "a"}
    assert answer_headers(headers, decoded=True) == {"x-ms-region": "a"}
    assert answer_headers(headers, decoded=False)["content-encoding"] == "gzip"


ENDPOINT = "https://acme.openai.azure.com/"
HERE = "https://acme.openai.azure.com/results/1"


def test_only_addresses_of_the_upstream_itself_lose_its_host():
    headers = {"location": HERE, "operation-location": "https://acme.openai.azure.community/x"}
    assert relative_locations(headers, ENDPOINT) == {
        "location": "/results/1",
        "operation-location": "https://acme.openai.azure.community/x",
    }
    assert relative_locations({"x": HERE}, ENDPOINT) == {"x": HERE}


@pytest.mark.parametrize(
    ("asked_with", "address"),
    [
        ({"host": "sim:8000"}, "http://sim:8000/results/1"),
        (
            {"host": "inner", "x-forwarded-host": "sim", "x-forwarded-proto": "https"},
            "https://sim/results/1",
        ),
        (
            {"host": "sim", "x-forwarded-host": "a.net, b", "x-forwarded-proto": "https,http"},
            "https://a.net/results/1",
        ),
        ({"host": "sim", "x-forwarded-proto": "http, https"}, "http://sim/results/1"),
        ({"host": "sim", "x-arr-ssl": "2048|256|CN=x"}, "https://sim/results/1"),
        ({"host": "sim", "x-appservice-proto": "https, http"}, "https://sim/results/1"),
        ({"host": "no host"}, "http://localhost/results/1"),
        ({}, "http://localhost/results/1"),
    ],
)
def test_an_address_gets_the_host_that_was_asked(asked_with, address):
    assert absolute_locations(
        {"location": "/results/1"}, Request("GET", "/", headers=asked_with)
    ) == {"location": address}


def test_a_whole_address_stays_as_it_is():
    headers = {"location": HERE, "x": "/a"}
    assert absolute_locations(headers, Request("GET", "/", headers={"host": "sim"})) == headers
