"""Forms with files."""

import contextlib
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from simulator.errors import InvalidRequest
from simulator.wire.body import Body
from simulator.wire.forms import File, Form, parse_form


def _form(data: dict[str, Any], files: Any = None) -> Form:
    files = files if files is not None else {"file": ("a", b"")}
    request = httpx2.Request("POST", "http://test", data=data, files=files)
    return parse_form(request.headers["content-type"], request.read())


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=50),
    st.binary(max_size=2000),
)
def test_what_a_client_sends_is_what_is_read(text: str, data: bytes) -> None:
    form = _form({"prompt": text}, {"file": ("clip.wav", data, "audio/wav")})
    assert form.fields == {"prompt": [text]}
    assert form.files == {"file": [File("clip.wav", data, "audio/wav")]}


def test_a_name_with_brackets_may_come_again() -> None:
    form = _form(
        {"include[]": ["a", "b"]},
        [("image[]", ("1.png", b"1", "image/png")), ("image[]", ("2.png", b"2", "image/png"))],
    )
    assert form.fields == {"include": ["a", "b"]}
    assert [file.data for file in form.files["image"]] == [b"1", b"2"]


class Everything(Struct):
    prompt: str = ""
    number: int = 0
    share: float = 0.0
    flag: bool = False
    several: list[str] = []


_BODY = Body(Everything)


def _decoded(**fields: Any) -> Everything:
    return _form(fields).decode(_BODY, lists=["several"], texts=["prompt", "several"])


def test_fields_become_typed_parameters() -> None:
    assert _decoded(
        prompt="12", number="12", share="0.5", flag="True", several=["1", "2"]
    ) == Everything("12", 12, 0.5, True, ["1", "2"])


def test_of_a_field_that_comes_again_the_last_counts() -> None:
    assert _decoded(number=["1", "2"]).number == 2


@pytest.mark.parametrize("number", ["many", "nan", "inf", "1" * 5000])
def test_what_is_no_number_is_refused_by_name(number: str) -> None:
    with pytest.raises(InvalidRequest, match="Invalid type for 'number': expected an integer"):
        _decoded(number=number)


def test_a_missing_field_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match="Missing required parameter: 'model'"):
        _form({}).value("model")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("", b""),
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"no form at all"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        ),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 300 + b"--x--\r\n",
        ),
    ],
)
def test_what_is_no_form_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(InvalidRequest, match="Could not parse multipart form"):
        parse_form(content_type, body)


@given(st.text(max_size=60), st.binary(max_size=300))
def test_no_bytes_break_the_reading(content_type: str, body: bytes) -> None:
    for kind in (content_type, "multipart/form-data; boundary=x"):
        for data in (body, b"--x\r\n" + body + b"\r\n--x--\r\n"):
            with contextlib.suppress(InvalidRequest):
                parse_form(kind, data)


def _parts(*parts: bytes) -> bytes:
    return b"".join(b"--b\r\n" + part + b"\r\n" for part in parts) + b"--b--\r\n"


def test_encoded_parts_are_decoded() -> None:
    disposition = b'Content-Disposition: form-data; name="file"; filename="a"\r\n'
    encoded = disposition + b"Content-Transfer-Encoding: base64\r\n\r\nAAEC"
    form = parse_form("multipart/form-data; boundary=b", _parts(encoded))
    assert form.files == {"file": [File("a", b"\0\1\2")]}


@pytest.mark.parametrize(
    "part",
    [
        b"\r\nno header",
        b"Content-Disposition: form-data\r\n\r\nno name",
        b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nA',
    ],
)
def test_an_unreadable_part_is_refused(part: bytes) -> None:
    with pytest.raises(InvalidRequest, match="Could not parse multipart form"):
        parse_form("multipart/form-data; boundary=b", _parts(part))


def test_a_large_file_is_read_whole() -> None:
    data = bytes(range(256)) * 12_000
    assert _form({}, {"file": ("a", data)}).files["file"][0].data == data


@pytest.mark.parametrize("offset", range(-9, 10))
def test_a_boundary_that_two_pieces_share_ends_a_file(offset: int) -> None:
    head = b'--bound\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    data = b"x" * (2**20 - len(head) + offset)
    end = b'\r\n--bound\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--bound--\r\n'
    form = parse_form("multipart/form-data; boundary=bound", head + data + end)
    assert form.files == {"file": [File("a", data)]}
    assert form.fields == {"purpose": ["batch"]}
