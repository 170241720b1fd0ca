import json

import pytest

from simulator.messages import Request
from simulator.recordings.exchange import Exchange, Piece
from simulator.recordings.redaction import Redaction
from simulator.recordings.secret_members import MEMBERS
from simulator.storage.container import StorageError
from simulator.wire.query import SECRET_PARAMETERS

SAS = "https://a.test/c/b.png?se=2026&sp=r&sig=SECRET%2Bx&sv=1"


def redacted(body=b"", *answers, headers=None, request=None, redaction=None, **asked):
    exchange = Exchange(
        request or Request("POST", "/", body=body, **asked),
        200,
        headers or {},
        tuple([Piece(answer, 1) for answer in answers]),
        1,
    )
    return (redaction or Redaction()).exchange(exchange)


def test_of_request_headers_only_the_harmless_ones_are_kept():
    headers = {"content-type": "a", "accept": "b", "api-key": "c", "x-unheard-of": "d"}
    assert redacted(headers=None, request=Request("GET", "/", headers=headers)).request.headers == {
        "content-type": "a",
        "accept": "b",
    }


def test_of_response_headers_only_the_named_ones_are_kept():
    headers = {"content-type": "a", "x-ms-region": "b", "set-cookie": "c", "x-unheard-of": "d"}
    assert redacted(headers=headers).headers == {"content-type": "a", "x-ms-region": "b"}


@pytest.mark.parametrize(
    "name",
    [
        "azureai-fe-is-streaming",
        "csp-billing-usage",
        "retry-after",
        "retry-after-ms",
        "skip-error-remapping",
        "x-accel-buffering",
        "x-ms-served-model",
        "x-request-id",
    ],
)
def test_what_clients_read_of_an_answer_is_kept(name):
    assert redacted(headers={name: "a"}).headers == {name: "a"}


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("a=1&b=%20&a=2", "a=1&b=%20&a=2"),
        ("api-key=x&a=1", "a=1"),
        ("a=1&SIG=x&Code=y&subscription-key=z&api%2Dkey=w&sig", "a=1"),
        ("token=x&apikey=y&access_token=z&Signature=w&limit=2", "limit=2"),
    ],
)
def test_secret_parameters_are_dropped_and_the_rest_stays_as_it_was(query, kept):
    assert redacted(request=Request("GET", "/", query)).request.query_string == kept


@pytest.mark.parametrize(
    "body",
    [
        b"\x00all", b'{"a": 1, "sig=x": "?code=y"}', b'{"text": "what is sig=1&code=2?"}',
        b'{"properties": {"key": {"type": "string"}}}', b'{"authentication": "key"}', b"{",
        b'{"authentication": {"key": null}}', b"[" * 5000,
    ],
)  # fmt: skip
def test_a_body_without_secrets_is_kept_as_it_is(body):
    kept = redacted(body, body)
    assert (kept.request.body, kept.body) == (body, body)


@pytest.mark.parametrize("name", sorted(SECRET_PARAMETERS))
def test_a_secret_parameter_of_an_address_is_masked_wherever_it_is(name):
    address = f"https://a.test/x?{name.upper()}=SECRET&b=1"
    masked = f"https://a.test/x?{name.upper()}=***&b=1"
    kept = redacted(f"see {address}".encode(), address.encode(), headers={"location": address})
    assert kept.request.body == f"see {masked}".encode()
    assert (kept.body, kept.headers) == (masked.encode(), {"location": masked})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (SAS, SAS.replace("SECRET%2Bx", "***")),
        ('{"url": "https:\\/\\/a.test\\/x?a=1\\u0026sig=SECRET\\u0026b=2"}',
         '{"url": "https:\\/\\/a.test\\/x?a=1\\u0026sig=***\\u0026b=2"}'),
        ("<a href='http://a.test/?api%2Dkey=SECRET'>", "<a href='http://a.test/?api%2Dkey=***'>"),
        ("https://a.test/cb#access_token=SECRET&b=1", "https://a.test/cb#access_token=***&b=1"),
        ("https://a.test/?sig=", "https://a.test/?sig="),
    ],
)  # fmt: skip
def test_an_address_in_a_text_stays_readable(text, kept):
    assert redacted(b"", text.encode()).body == kept.encode()


@pytest.mark.parametrize("name", ["location", "operation-location", "azure-asyncoperation"])
def test_a_signature_in_a_relative_location_is_masked(name):
    kept = redacted(headers={name: "/results/1?api-version=1&sig=SECRET&code=SECRET"})
    assert kept.headers == {name: "/results/1?api-version=1&sig=***&code=***"}


@pytest.mark.parametrize(
    "body",
    [
        {"data_sources": [{"parameters": {"authentication": {"type": "api_key", "key": "SECRET-1"}}}]},
        {"data_sources": [{"authentication": {"type": "access_token", "access_token": "SECRET"}}]},
        {"tools": [{"type": "mcp", "authorization": "SECRET"}]},
        {"tools": [{"type": "mcp", "headers": {"Authorization": "Bearer SECRET", "X-Key": "SECRET"}}]},
        {"Tools": [{"AUTHORIZATION": ["SECRET", {"a": "SECRET"}]}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("layout", [{"indent": 2}, {"separators": (",", ":")}, {}])
def test_secret_members_are_masked_and_the_layout_stays(body, layout):
    text = json.dumps(body, **layout)
    kept = redacted(text.encode()).request.body.decode()
    assert "SECRET" not in kept
    assert json.dumps(json.loads(kept), **layout) == kept
    assert json.loads(kept).keys() == body.keys()


def test_members_of_a_setting_are_masked_in_events_too():
    redaction = Redaction((*MEMBERS, "iban", "customer.pin"))
    event = b'data: {"customer":{"pin":1234,"iban":"DE02"},"pin":1234}\n\n'
    kept = redacted(b"", event, redaction=redaction)
    assert kept.body == b'data: {"customer":{"pin":"***","iban":"***"},"pin":1234}\n\n'


def test_a_secret_of_the_request_that_the_answer_repeats_is_masked():
    body = json.dumps({"tools": [{"authorization": "s\u00e9cret-4711"}]}).encode()
    echo = '{"echo": "got s\u00e9cret-4711", "ascii": "s\\u00e9cret-4711"}'.encode()
    assert redacted(body, echo).body == b'{"echo": "got ***", "ascii": "***"}'


def test_an_extension_sees_what_is_left_and_decides():
    redaction = Redaction(hooks=(lambda data: data.replace(b"Ada", b"***"), bytes.upper))
    kept = redacted(b"I am Ada", b"hello Ada", redaction=redaction)
    assert (kept.request.body, kept.body) == (b"I AM ***", b"HELLO ***")


def test_where_an_extension_fails_nothing_may_be_stored():
    def fails(data):
        raise KeyError(data)

    with pytest.raises(StorageError, match="redaction of the extension"):
        redacted(b"a", redaction=Redaction(hooks=(fails,)))
