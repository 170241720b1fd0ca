"""Uploads in parts as clients of the API use them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from openai.types import Upload

from tests.conftest import KEY, served
from tests.operations.batches.instance import START, Instance
from tests.support.route_clients import ROUTES, client_on, strictly

TEXT = b"".join(b'{"custom_id": "%d"}\n' % number for number in range(100))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served({}) as url:
        yield url


@pytest.fixture(params=ROUTES)
def client(request: pytest.FixtureRequest, url: str) -> Iterator[openai.OpenAI]:
    with client_on(request.param, url) as client:
        yield client


def begun(client: openai.OpenAI, size: int = len(TEXT), **more: Any) -> Upload:
    made: dict[str, Any] = {
        "bytes": size,
        "filename": "lines.jsonl",
        "mime_type": "application/jsonl",
        "purpose": "batch",
    }
    return client.uploads.create(**(made | more))


def add(client: openai.OpenAI, upload: Upload, data: bytes) -> str:
    part = client.uploads.parts.create(upload.id, data=data)
    strictly(part)
    assert part.upload_id == upload.id
    return part.id


def test_parts_become_a_file_in_the_order_of_their_completion(client: openai.OpenAI) -> None:
    upload = begun(client)
    strictly(upload)
    assert (upload.status, upload.expires_at) == ("pending", upload.created_at + 3_600)
    last, first = (add(client, upload, data) for data in (TEXT[500:], TEXT[:500]))
    add(client, upload, b"one that went wrong")
    md5 = hashlib.md5(TEXT, usedforsecurity=False).hexdigest()
    done = client.uploads.complete(upload.id, part_ids=[first, last], md5=md5)
    strictly(done)
    assert done.status == "completed"
    assert done.file is not None
    assert (done.file.bytes, done.file.filename) == (len(TEXT), "lines.jsonl")
    assert client.files.retrieve(done.file.id) == done.file
    assert client.files.content(done.file.id).read() == TEXT
    client.files.delete(done.file.id)
    with pytest.raises(openai.NotFoundError):
        client.files.content(done.file.id)


def test_the_client_uploads_a_file_in_chunks(client: openai.OpenAI, tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(TEXT)
    done = client.uploads.upload_file_chunked(
        file=path, mime_type="application/jsonl", purpose="batch", part_size=300
    )
    assert done.file is not None
    assert client.files.content(done.file.id).read() == TEXT


def test_a_cancelled_upload_is_over(client: openai.OpenAI) -> None:
    upload = begun(client)
    part = add(client, upload, TEXT)
    cancelled = client.uploads.cancel(upload.id)
    strictly(cancelled)
    assert (cancelled.status, cancelled.file) == ("cancelled", None)
    for call in (
        lambda: client.uploads.cancel(upload.id),
        lambda: client.uploads.complete(upload.id, part_ids=[part]),
        lambda: client.uploads.parts.create(upload.id, data=TEXT),
    ):
        with pytest.raises(openai.BadRequestError, match="is cancelled"):
            call()


def test_an_unknown_upload_is_not_found(client: openai.OpenAI) -> None:
    for identifier in ("upload_" + "0" * 32, "x", "a" * 3_000):
        with pytest.raises(openai.NotFoundError):
            client.uploads.cancel(identifier)


@pytest.mark.parametrize(
    ("param", "members"),
    [
        ("filename", {"filename": ""}),
        ("filename", {"filename": "a" * 1_020 + ".jsonl"}),
        ("bytes", {"bytes": 0}),
        ("bytes", {"bytes": "many"}),
        ("bytes", {"bytes": 200 * 2**20 + 1}),
        ("bytes", {"bytes": 9 * 2**30, "purpose": "assistants"}),
        ("bytes", {"bytes": 10**40}),
        ("mime_type", {"mime_type": None}),
        ("expires_after.anchor", {"expires_after": {"seconds": 1_209_600, "anchor": "now"}}),
    ],
)
def test_a_bad_upload_is_refused(url: str, param: str, members: dict[str, Any]) -> None:
    body = {
        "bytes": 5,
        "filename": "a.jsonl",
        "mime_type": "application/jsonl",
        "purpose": "batch",
    } | members
    given = {name: value for name, value in body.items() if value is not None}
    answer = httpx2.post(f"{url}/openai/v1/uploads", json=given, headers={"api-key": KEY})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


@pytest.mark.parametrize(
    "members",
    [
        {"purpose": "vision"},
        {"filename": "lines.csv"},
        {"expires_after": {"seconds": 1, "anchor": "created_at"}},
    ],
)
async def test_refusals_are_those_of_files(tmp_path: Path, members: dict[str, Any]) -> None:
    body = {"bytes": 5, "filename": "a.jsonl", "mime_type": "", "purpose": "batch"} | members
    refused = await Instance(tmp_path).ask("POST", "uploads", body)
    assert (refused.status, refused.json["error"]["code"]) == (400, "invalidPayload")


def test_a_bad_completion_is_refused_and_the_upload_goes_on(client: openai.OpenAI) -> None:
    upload = begun(client)
    part, more = add(client, upload, TEXT), add(client, upload, b"more")
    for ids, md5 in (
        (["part_" + "0" * 32], None),
        (["../../x"], None),
        ([part, more], None),
        ([part, part], None),
        ([], None),
        ([part], "0" * 32),
    ):
        with pytest.raises(openai.BadRequestError) as refusal:
            client.uploads.complete(upload.id, part_ids=ids, md5=md5 or openai.omit)
        assert refusal.value.param == ("md5" if md5 else "part_ids")
    assert client.uploads.complete(upload.id, part_ids=[part]).status == "completed"
    with pytest.raises(openai.BadRequestError, match="is completed"):
        client.uploads.complete(upload.id, part_ids=[part])


def test_parts_are_bounded(client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(client, 10)
    for _ in range(2):
        add(client, upload, b"0123456789")
    with pytest.raises(openai.BadRequestError) as refusal:
        client.uploads.parts.create(upload.id, data=b"0")
    assert refusal.value.code == "upload_too_large"
    with pytest.raises(openai.BadRequestError):
        client.uploads.parts.create(begun(client).id, data=b"")
    monkeypatch.setattr("simulator.operations.uploads.parts.MOST_PART_BYTES", 9)
    with pytest.raises(openai.BadRequestError):
        client.uploads.parts.create(begun(client).id, data=b"0123456789")


async def test_an_upload_expires_with_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.operations.uploads.creation.MOST_PENDING", 1)
    store = tmp_path / "store"
    instance = Instance(tmp_path, recording_dir=str(store))
    body = {"bytes": 5, "filename": "a.txt", "mime_type": "text/plain", "purpose": "assistants"}
    upload = (await instance.ask("POST", "uploads", body)).json["id"]
    part = b'--b\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n\r\nHello\r\n--b--\r\n'
    headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
    added = await instance.ask("POST", f"uploads/{upload}/parts", part, headers=headers)
    assert added.status == 200
    assert (await instance.ask("POST", "uploads", body)).error[2] == "quota_exceeded"
    instance.now = START + 3_600
    late = await instance.ask("POST", f"uploads/{upload}/complete", {"part_ids": ["x"]})
    assert (late.status, late.error[0]) == (400, f"The upload {upload} is expired.")
    assert (await instance.ask("POST", "uploads", body)).status == 200
    left = [path for path in store.rglob("*") if path.is_file() and ".parts" in str(path)]
    assert left == []
