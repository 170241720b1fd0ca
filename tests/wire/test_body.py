import json
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, Struct

from simulator.errors import InvalidRequest, MalformedJson
from simulator.wire.body import Body


class Text(Struct, tag_field="type", tag="text", forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=5)]


class Image(Struct, tag_field="type", tag="image", forbid_unknown_fields=True):
    url: str
    detail: Literal["low", "high"] | None = None


class Parameters(Struct, forbid_unknown_fields=True):
    name: str
    count: Annotated[int, Meta(ge=1, le=10)] | None = None
    ratio: Annotated[float, Meta(gt=0, lt=1)] | None = None
    flag: bool = False
    stop: str | Annotated[list[str], Meta(max_length=2)] | None = None
    parts: Annotated[list[Text | Image], Meta(min_length=1)] | None = None
    title: Annotated[str, Meta(min_length=1)] | None = None
    form: Literal["only"] | None = None
    labels: dict[str, str] | None = None
    bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    anything: msgspec.Raw = msgspec.Raw(b"null")
    single: Text | None = None
    choices: dict[str, Text | Image | str | None] | None = None
    code: Annotated[str, Meta(pattern="^[a-z]+$")] | None = None


BODY = Body(Parameters)


def refusal(body: bytes | dict[str, Any]) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        BODY.decode(body if isinstance(body, bytes) else json.dumps(body).encode())
    return refused.value


def test_a_good_body_is_decoded() -> None:
    assert BODY.decode(b'{"name":"a","count":3,"stop":["x"]}') == Parameters(
        "a", count=3, stop=["x"]
    )


DEEP = 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b"{} {}",
        b"null",
        b"[]",
        b"5",
        b'"text"',
        b'{"name":NaN}',
        b'{"name":"a","ratio":NaN}',
        b'{"name":"a","ratio":Infinity}',
        b'{"name":"a","ratio":1e999}',
        b'{"name":"\xff"}',
        b'{"name":"\\ud800"}',
        b'\xef\xbb\xbf{"name":"a"}',
        b'{"name":"a\n"}',
        b'{"name":"a","count":' + b"9" * 100_000 + b"}",
        b"[" * DEEP + b"]" * DEEP,
        b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        b'{"name":"a","anything":' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"name":5,"anything":' + b"[" * DEEP + b"]" * DEEP + b"}",
    ],
)
def test_what_is_no_json_object_is_malformed(body: bytes) -> None:
    error = refusal(body)
    assert isinstance(error, MalformedJson)
    assert (error.param, error.code) == (None, None)
    assert error.why


# The wordings of OpenAI's own checks, which models behind Azure answer with.
@pytest.mark.parametrize(
    ("body", "message", "param", "code"),
    [
        ({}, "Missing required parameter: 'name'.", "name", "missing_required_parameter"),
        (
            {"name": "a", "parts": [{"type": "text"}]},
            "Missing required parameter: 'parts[0].text'.",
            "parts[0].text",
            "missing_required_parameter",
        ),
        (
            {"name": "a", "parts": [{"text": "a"}]},
            "Missing required parameter: 'parts[0].type'.",
            "parts[0].type",
            "missing_required_parameter",
        ),
        (
            {"name": None},
            "Invalid type for 'name': expected a string, but got null instead.",
            "name",
            "invalid_type",
        ),
        (
            {"name": ["a"]},
            "Invalid type for 'name': expected a string, but got an array instead.",
            "name",
            "invalid_type",
        ),
        (
            {"name": "a", "count": "3"},
            "Invalid type for 'count': expected an integer, but got a string instead.",
            "count",
            "invalid_type",
        ),
        (
            {"name": "a", "count": 1.5},
            "Invalid type for 'count': expected an integer, but got a decimal number instead.",
            "count",
            "invalid_type",
        ),
        (
            {"name": "a", "count": True},
            "Invalid type for 'count': expected an integer, but got a boolean instead.",
            "count",
            "invalid_type",
        ),
        (
            {"name": "a", "ratio": {}},
            "Invalid type for 'ratio': expected a decimal, but got an object instead.",
            "ratio",
            "invalid_type",
        ),
        (
            {"name": "a", "flag": "yes"},
            "Invalid type for 'flag': expected a boolean, but got a string instead.",
            "flag",
            "invalid_type",
        ),
        (
            {"name": "a", "stop": 3},
            (
                "Invalid type for 'stop': expected one of a string or array of strings, but got an "
                "integer instead."
            ),
            "stop",
            "invalid_type",
        ),
        (
            {"name": "a", "stop": ["a", 3]},
            "Invalid type for 'stop[1]': expected a string, but got an integer instead.",
            "stop[1]",
            "invalid_type",
        ),
        (
            {"name": "a", "parts": ["a"]},
            "Invalid type for 'parts[0]': expected an object, but got a string instead.",
            "parts[0]",
            "invalid_type",
        ),
        (
            {"name": "a", "parts": [{"type": 1}]},
            "Invalid type for 'parts[0].type': expected a string, but got an integer instead.",
            "parts[0].type",
            "invalid_type",
        ),
        (
            {"name": "a", "parts": [{"type": "image", "url": 1}]},
            "Invalid type for 'parts[0].url': expected a string, but got an integer instead.",
            "parts[0].url",
            "invalid_type",
        ),
        (
            {"name": "a", "labels": {"a": "b", "c": 3}},
            "Invalid type for 'labels.c': expected a string, but got an integer instead.",
            "labels.c",
            "invalid_type",
        ),
        (
            {
                "name": "a",
                "choices": {"a": {"type": "text", "text": "b"}, "b": None, "c": "d", "e": 3},
            },
            (
                "Invalid type for 'choices.e': expected one of an object or string, but got an integer "
                "instead."
            ),
            "choices.e",
            "invalid_type",
        ),
        (
            {
                "name": "a",
                "choices": {"a": {"type": "text", "text": "b"}, "b": {"type": "image", "url": 1}},
            },
            "Invalid type for 'choices.b.url': expected a string, but got an integer instead.",
            "choices.b.url",
            "invalid_type",
        ),
        (
            {"name": "a", "bias": {"1": 1, "2": True}},
            "Invalid type for 'bias.2': expected a decimal, but got a boolean instead.",
            "bias.2",
            "invalid_type",
        ),
        (
            {"name": "a", "bias": {"1": 100, "2": -101}},
            (
                "Invalid 'bias.2': decimal below minimum value. Expected a value >= -100, but got -101 "
                "instead."
            ),
            "bias.2",
            "decimal_below_min_value",
        ),
        (
            {"name": "a", "count": 0},
            (
                "Invalid 'count': integer below minimum value. Expected a value >= 1, but got 0 "
                "instead."
            ),
            "count",
            "integer_below_min_value",
        ),
        (
            {"name": "a", "count": 11},
            (
                "Invalid 'count': integer above maximum value. Expected a value <= 10, but got 11 "
                "instead."
            ),
            "count",
            "integer_above_max_value",
        ),
        (
            {"name": "a", "ratio": 1},
            "Invalid 'ratio': decimal above maximum value. Expected a value < 1, but got 1 instead.",
            "ratio",
            "decimal_above_max_value",
        ),
        (
            {"name": "a", "stop": ["a", "b", "c"]},
            (
                "Invalid 'stop': array too long. Expected an array with maximum length 2, but got an "
                "array with length 3 instead."
            ),
            "stop",
            "array_above_max_length",
        ),
        (
            {"name": "a", "parts": []},
            (
                "Invalid 'parts': empty array. Expected an array with minimum length 1, but got an "
                "empty array instead."
            ),
            "parts",
            "empty_array",
        ),
        (
            {"name": "a", "title": ""},
            (
                "Invalid 'title': empty string. Expected a string with minimum length 1, but got an "
                "empty string instead."
            ),
            "title",
            "empty_string",
        ),
        (
            {"name": "a", "parts": [{"type": "text", "text": "123456"}]},
            (
                "Invalid 'parts[0].text': string too long. Expected a string with maximum length 5, but "
                "got a string with length 6 instead."
            ),
            "parts[0].text",
            "string_above_max_length",
        ),
        (
            {"name": "a", "parts": [{"type": "sound"}]},
            "Invalid value: 'sound'. Supported values are: 'text' and 'image'.",
            "parts[0].type",
            "invalid_value",
        ),
        (
            {"name": "a", "single": {"type": "sound"}},
            "Invalid value: 'sound'. Supported values are: 'text'.",
            "single.type",
            "invalid_value",
        ),
        (
            {"name": "a", "parts": [{"type": "image", "url": "u", "detail": "mid"}]},
            "Invalid value: 'mid'. Supported values are: 'low' and 'high'.",
            "parts[0].detail",
            "invalid_value",
        ),
        (
            {"name": "a", "form": "other"},
            "Invalid value: 'other'. Supported values are: 'only'.",
            "form",
            "invalid_value",
        ),
        (
            {"name": "a", "code": "A b"},
            (
                "Invalid 'code': string does not match pattern. Expected a string that matches the "
                "pattern '^[a-z]+$'."
            ),
            "code",
            "invalid_value",
        ),
        (
            {"name": "a", "extra": 1},
            "Unrecognized request argument supplied: extra",
            None,
            None,
        ),
        (
            {"name": "a", "parts": [{"type": "text", "text": "a", "extra": 1}]},
            "Unknown parameter: 'parts[0].extra'.",
            "parts[0].extra",
            "unknown_parameter",
        ),
    ],
)
def test_a_wrong_body_is_refused_in_the_services_words(
    body: dict[str, Any], message: str, param: str | None, code: str | None
) -> None:
    error = refusal(body)
    assert (error.message, error.param, error.code) == (message, param, code)


def test_a_number_too_large_for_the_decoder_is_refused() -> None:
    assert refusal(b'{"name":"a","ratio":1' + b"0" * 400 + b"}").status == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys((*Parameters.__struct_fields__, "extra"), JSON)
)


def refused(body: bytes) -> InvalidRequest | None:
    try:
        BODY.decode(body)
    except InvalidRequest as error:
        return error
    return None


@given(FIELDS)
def test_a_body_of_any_values_is_decoded_or_refused_with_a_name(body: dict[str, Any]) -> None:
    error = refused(json.dumps(body).encode())
    assert error is None or (error.status == 400 and "[...]" not in error.message)


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    error = refused(body)
    assert error is None or error.status == 400
