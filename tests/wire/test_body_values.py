import contextlib
import time

import pytest

from simulator.errors import InvalidRequest
from simulator.messages import Request
from simulator.wire.body_values import MOST_VALUES, check_values

MANY = MOST_VALUES + 1
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("value", [b"1", b"{}", b'"a\\"b"'])
def test_a_body_of_too_many_values_is_refused_before_it_is_decoded(value: bytes) -> None:
    body = b"[" + (value + b",") * MANY + value + b"]"
    with pytest.raises(InvalidRequest, match=f"more than {MOST_VALUES} JSON values") as caught:
        check_values(Request("POST", "/", headers=JSON, body=body))
    assert caught.value.code == "too_many_values"


@pytest.mark.parametrize(
    "text",
    [
        b"," * MANY,
        b"\\n," * MANY,
        b'\\",' * MANY,
        b"\\\\," * MANY + b"\\\\",
        b"," * 4096 + b'\\"' + b"," * MANY,
    ],
)
def test_commas_within_texts_divide_no_values(text: bytes) -> None:
    body = b'{"a": "' + text + b'", "b": ["c", 1]}'
    check_values(Request("POST", "/", headers=JSON, body=body))


def test_a_form_has_no_values() -> None:
    headers = {"content-type": "Multipart/form-data; boundary=b"}
    check_values(Request("POST", "/", headers=headers, body=b"," * MANY))


@pytest.mark.parametrize("body", [b'""' * 1_000_000 + b"," * MANY, b'"' + b",\\" * 1_000_000])
def test_what_is_no_json_is_looked_at_for_a_bounded_time(body: bytes) -> None:
    began = time.thread_time()
    with contextlib.suppress(InvalidRequest):
        check_values(Request("POST", "/", headers=JSON, body=body))
    assert time.thread_time() - began < 20
