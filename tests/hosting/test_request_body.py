"""Large forms: their files lie on the disk while the request is under way, and are gone with it."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import BodyTooLarge, ClientGone, InvalidRequest, Unavailable
from simulator.hosting.bodies import Bodies, Room
from simulator.hosting.request_body import RequestBody
from simulator.messages import Request
from simulator.wire.forms import parse_form
from tests.conftest import KEY, MakeSimulator

BOUNDARY = "b-1"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
LARGE = b"0123456789abcdef" * 2**17
HEADERS = {"content-type": TYPE, "transfer-encoding": "chunked", "api-key": KEY}


class Watched:
    """In place of the departure of a client: begins to watch once the body is here."""

    watched = False

    def watch(self) -> None:
        self.watched = True


def form(data: bytes = LARGE, name: str = "a.txt", *fields: tuple[str, str]) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    parts = [f"{head}Content-Type: text/plain\r\n\r\n".encode(), data, b"\r\n"]
    for field, value in (("purpose", "assistants"), *fields):
        part = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        parts.append(part.encode())
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


def body_of(
    pieces: Sequence[bytes],
    *,
    gone: bool = False,
    largest: int = 2**23,
    content_type: str = TYPE,
    bodies: Bodies | None = None,
) -> RequestBody:
    last = len(pieces) - 1
    messages: list[Any] = [
        {"type": "http.request", "body": piece, "more_body": gone or at < last}
        for at, piece in enumerate(pieces)
    ]
    if gone:
        messages.append({"type": "http.disconnect"})
    left = iter(messages)

    async def receive() -> Any:
        return next(left)

    departure: Any = Watched()
    headers = {**HEADERS, "content-type": content_type}
    return RequestBody(receive, headers, bodies or Bodies(largest), departure)


def pieces_of(data: bytes, size: int = 65_536) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The files that are put on the disk."""
    made: list[Any] = []
    spooled: Any = tempfile.SpooledTemporaryFile
    rollover = spooled.rollover

    def noted(self: Any) -> None:
        made.append(self)
        rollover(self)

    monkeypatch.setattr(spooled, "rollover", noted)
    return made


async def test_a_form_is_the_same_as_one_that_was_read_whole(opened: list[Any]) -> None:
    whole = form(LARGE, "naïve.txt", ("tag[]", "one"), ("tag[]", "two"))
    body = body_of(pieces_of(whole))
    read, alike = await body.form(), parse_form(TYPE, whole)
    (file,), (other,) = read.files["file"], alike.files["file"]
    assert read.fields == alike.fields == {"purpose": ["assistants"], "tag": ["one", "two"]}
    assert (file.name, file.content_type, file.size) == ("naïve.txt", "text/plain", len(LARGE))
    assert file.data == other.data == LARGE
    assert len(opened) == 1
    body.close()
    assert opened[0].closed


@pytest.mark.parametrize(
    ("pieces", "gone", "largest", "error"),
    [
        (pieces_of(form()[:-40]), False, 2**23, InvalidRequest),
        (pieces_of(form())[:-4], True, 2**23, ClientGone),
        (pieces_of(form()), False, 2**20, BodyTooLarge),
        (pieces_of(form(b"", "a", ("long", "x" * 2**21))), False, 2**23, InvalidRequest),
        ([b"no form", b"at all"], False, 2**23, InvalidRequest),
    ],
    ids=["cut off", "gone", "too large", "a field too long", "no form"],
)
async def test_what_is_no_whole_form_is_refused_and_leaves_nothing(
    opened: list[Any], pieces: list[bytes], gone: bool, largest: int, error: type[Exception]
) -> None:
    body = body_of(pieces, gone=gone, largest=largest)
    with pytest.raises(error):
        await body.form()
    body.close()
    assert all(file.closed for file in opened)


async def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", full)
    with pytest.raises(Unavailable) as refused:
        await body_of(pieces_of(form())).form()
    assert refused.value.headers == {"retry-after": "1"}


@pytest.mark.parametrize("charset", ["punycode", "undefined", "utf-16", "idna", "none-such"])
async def test_fields_of_a_form_are_utf_8_whatever_its_type_says(charset: str) -> None:
    # As punycode, the field would take a minute.
    pieces = pieces_of(form(LARGE, "naïve.txt", ("name", "naïve-" * 80_000)))
    body = body_of(pieces, content_type=f"{TYPE}; charset={charset}")
    async with asyncio.timeout(30):
        read = await body.form()
    assert read.fields["name"] == ["naïve-" * 80_000]
    body.close()


@pytest.mark.parametrize("boundary", ["b 1", "a;b", 'a"b', "a\\b", "'()+_,-./:=?"])
async def test_a_boundary_is_what_its_type_says(boundary: str) -> None:
    quoted = boundary.replace("\\", "\\\\").replace('"', '\\"')
    kind = f'multipart/form-data; boundary="{quoted}"; charset=utf-8'
    whole = form(b"x").replace(BOUNDARY.encode(), boundary.encode())
    body = body_of([whole], content_type=kind)
    read = await body.form()
    body.close()
    assert read.fields == parse_form(kind, whole).fields == {"purpose": ["assistants"]}


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary="])
async def test_a_form_without_a_boundary_is_refused(kind: str) -> None:
    with pytest.raises(InvalidRequest):
        await body_of([form()], content_type=kind).form()


@pytest.mark.parametrize("place", ["memory", "disk"])
async def test_bodies_under_way_have_room_for_all_of_them_together(
    monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    bodies = Bodies(2**23)
    monkeypatch.setattr(bodies, place, Room(2 * len(form()), place))
    bodies_of_clients = [body_of(pieces_of(form()), bodies=bodies) for _ in range(4)]
    first, second, third, later = bodies_of_clients

    def read(body: RequestBody) -> Any:
        return body() if place == "memory" else body.form()

    await read(first)
    await read(second)
    with pytest.raises(Unavailable) as refused:
        await read(third)
    assert refused.value.headers == {"retry-after": "1"}
    small = body_of([b"x" * 65_536], bodies=bodies)
    assert len(await small()) == 65_536
    for body in (third, second):
        body.close()
        body.close()  # which gives nothing twice
    await read(later)
    for body in bodies_of_clients:
        body.close()


async def test_an_upload_goes_from_the_disk_to_the_container(
    make_simulator: MakeSimulator, opened: list[Any]
) -> None:
    simulator = make_simulator()
    large = LARGE * 5
    body = body_of(pieces_of(form(large)), largest=2**24)
    request = Request("POST", "/openai/v1/files", headers=HEADERS)
    answer = await simulator(request, body)
    assert answer.status == 201, answer.body
    body.close()
    assert (len(opened), opened[0].closed) == (1, True)
    assert isinstance(answer.body, bytes)
    identifier = answer.body.partition(b'"id": "')[2].partition(b'"')[0].decode()
    content = await simulator(
        Request("GET", f"/openai/v1/files/{identifier}/content", headers={"api-key": KEY})
    )
    kept = content.body
    read = kept if isinstance(kept, bytes) else b"".join([piece async for piece in kept])
    assert read == large


async def test_an_upload_stays_with_the_simulator_whose_mode_is_changed_meanwhile(
    make_simulator: MakeSimulator, tmp_path: Path
) -> None:
    simulator = make_simulator(recording_dir=str(tmp_path))
    body = body_of(pieces_of(form(LARGE)))
    read_form = body.form

    async def changed_meanwhile() -> Any:
        change = Request(
            "PATCH",
            "/++/config",
            headers={"api-key": KEY, "content-type": "application/json"},
            body=b'{"simulator_mode": "replay"}',
        )
        assert (await simulator(change)).status == 200
        return await read_form()

    body.form = changed_meanwhile  # type: ignore[method-assign]
    answer = await simulator(Request("POST", "/openai/v1/files", headers=HEADERS), body)
    body.close()
    assert (answer.status, b'"filename": "a.txt"' in bytes(answer.body)) == (201, True)  # type: ignore[arg-type]


async def test_a_bad_upload_is_refused_as_a_small_one_is(make_simulator: MakeSimulator) -> None:
    simulator = make_simulator()
    answers: list[Any] = []
    for data in (LARGE, b"small"):
        whole = form(data, "a.txt", ("purpose", "vision"))
        request = Request("POST", "/openai/v1/files", headers=HEADERS)
        body = body_of(pieces_of(whole))
        answers.append(await simulator(request, body))
        body.close()
    assert [answer.status for answer in answers] == [400, 400]
    assert answers[0].body == answers[1].body
