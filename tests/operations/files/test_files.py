"""Files as clients of the API use them."""

import asyncio
import gc
import json
import random
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from simulator.errors import InvalidRequest, Unavailable
from simulator.messages import Request
from simulator.operations.files.store import (
    PIECE_BYTES,
    SHORTEST_LIFE,
    FileStore,
    StoredFile,
    file_id,
)
from simulator.operations.files.upload import MOST_BATCH_BYTES, MOST_BYTES, check_size
from simulator.storage.container import StorageError
from simulator.storage.memory import MemoryContainer
from simulator.wire.forms import File
from tests.conftest import KEY, MakeSimulator, Serve
from tests.support.asking import ask, error_of
from tests.support.route_clients import ROUTES, client_on, strictly

LINES = b'{"custom_id": "1"}\n'


@pytest.fixture(params=ROUTES)
def files(request: pytest.FixtureRequest, serve: Serve) -> Iterator[openai.OpenAI]:
    with client_on(request.param, serve()) as client:
        yield client


def upload(client: openai.OpenAI, name: str = "a.jsonl", **more: Any) -> Any:
    options: dict[str, Any] = {"file": (name, LINES), "purpose": "batch"} | more
    return client.files.create(**options)


def test_a_file_is_uploaded_got_read_and_deleted(files: openai.OpenAI) -> None:
    made = upload(files)
    strictly(made)
    assert made.id.startswith("file-")
    assert (made.bytes, made.filename, made.purpose) == (len(LINES), "a.jsonl", "batch")
    assert (made.status, made.expires_at) == ("processed", None)
    assert files.files.retrieve(made.id) == made
    assert files.files.content(made.id).read() == LINES
    deleted = files.files.delete(made.id)
    strictly(deleted)
    assert (deleted.id, deleted.deleted) == (made.id, True)
    for verb in (files.files.retrieve, files.files.content, files.files.delete):
        with pytest.raises(openai.NotFoundError) as refusal:
            verb(made.id)
        assert refusal.value.param == "id"


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_files_are_listed_page_by_page(files: openai.OpenAI, order: Any) -> None:
    made = [upload(files, f"{number}.jsonl").id for number in range(5)]
    other = upload(files, "notes.txt", purpose="assistants").id
    first = files.files.list(limit=2, order=order, purpose="batch")
    strictly(first)
    assert (len(first.data), first.has_more) == (2, True)
    listed = [each.id for each in files.files.list(limit=2, order=order, purpose="batch")]
    assert sorted(listed) == sorted(made)
    assert listed == sorted(listed, reverse=order == "desc")
    assert {each.id for each in files.files.list()} == {*made, other}


def test_a_file_expires(files: openai.OpenAI) -> None:
    made = upload(files, expires_after={"seconds": SHORTEST_LIFE, "anchor": "created_at"})
    assert made.expires_at == made.created_at + SHORTEST_LIFE


@pytest.mark.parametrize(
    ("param", "form"),
    [
        ("purpose", {"purpose": None}),
        ("file", {"file": None}),
        ("file", {"file": ("a" * 1_020 + ".jsonl", LINES)}),
        ("colour", {"colour": "red"}),
        ("expires_after.seconds", {"expires_after[anchor]": "created_at"}),
        ("expires_after.anchor", {"expires_after[seconds]": "1209600"}),
        (
            "expires_after.anchor",
            {"expires_after[seconds]": "1209600", "expires_after[anchor]": "now"},
        ),
    ],
)
def test_a_bad_upload_is_refused(http: httpx2.Client, param: str, form: dict[str, Any]) -> None:
    answer = _posted(http, form)
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_an_upload_is_answered_as_recorded(http: httpx2.Client) -> None:
    """Two exchanges of a test suite for R with the v1 API, East US 2, 2026-09-27."""
    answer = _posted(http, {})
    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    origin = str(http.base_url).rstrip("/")
    address = f"{origin}/openai/files/{made['id']}?api-version=1"
    assert answer.headers["location"] == address
    assert answer.text == (
        f'{{\n  "status": "processed",\n  "bytes": {len(LINES)},\n  "purpose": "batch",\n'
        f'  "filename": "a.jsonl",\n  "id": "{made["id"]}",\n'
        f'  "created_at": {made["created_at"]},\n  "object": "file"\n}}'
    )
    assert http.get(address.replace("=1", "=2024-10-21")).text == answer.text


def test_an_uploads_lifetime_is_written_with_dots_too(http: httpx2.Client) -> None:
    """Microsoft's page on batches."""
    dotted = {"expires_after.seconds": "1209600", "expires_after.anchor": "created_at"}
    made = _posted(http, dotted).json()
    assert made["expires_at"] == made["created_at"] + 1_209_600
    assert list(made)[3:6] == ["filename", "expires_at", "id"]


SECONDS = "Value for Seconds must be between 259200 and 2592000."


@pytest.mark.parametrize(
    ("message", "form"),
    [
        ("Invalid value for purpose.", {"purpose": "vision"}),
        ("Invalid value for purpose.", {"purpose": "a" * 100_000}),
        ("fileName contains an invalid filename: wrong suffix.", {"file": ("a.csv", LINES)}),
        (SECONDS, {"expires_after[seconds]": "259199", "expires_after[anchor]": "created_at"}),
        (SECONDS, {"expires_after[seconds]": "9" * 5_000, "expires_after[anchor]": "created_at"}),
        (SECONDS, {"expires_after[seconds]": "soon", "expires_after[anchor]": "created_at"}),
    ],
)
def test_refusals_that_users_have_reported(
    http: httpx2.Client, message: str, form: dict[str, Any]
) -> None:
    answer = _posted(http, form)
    assert answer.status_code == 400
    body = {"error": {"code": "invalidPayload", "message": message}}
    assert answer.text == json.dumps(body, indent=2)


def _posted(http: httpx2.Client, form: dict[str, Any]) -> httpx2.Response:
    whole: dict[str, Any] = {"purpose": "batch", "file": ("a.jsonl", LINES)} | form
    file = whole.pop("file")
    fields = {name: value for name, value in whole.items() if value is not None}
    headers = {"content-type": "multipart/form-data; boundary=b"}
    if file:
        return http.post("/openai/v1/files", data=fields, files={"file": file})
    return http.post("/openai/v1/files", content=_fields(fields), headers=headers)


def _fields(fields: dict[str, str]) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + "--b--\r\n").encode()


def test_a_purpose_that_azure_has_not_is_not_listed(http: httpx2.Client) -> None:
    """Azure/azure-sdk-for-net issue 44913."""
    refused = http.get("/openai/v1/files?purpose=vision")
    assert refused.status_code == 400
    assert error_of(refused) == {"code": "invalidPayload", "message": "Invalid value for purpose."}
    assert http.get("/openai/v1/files?purpose=batch_output").status_code == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "order=up"])
def test_a_bad_page_is_refused(http: httpx2.Client, query: str) -> None:
    answer = http.get(f"/openai/v1/files?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == query.split("=")[0]


@pytest.mark.parametrize(("purpose", "most"), [("batch", MOST_BATCH_BYTES), ("evals", MOST_BYTES)])
def test_a_file_that_is_too_large_is_refused(purpose: str, most: int) -> None:
    check_size(purpose, most)
    with pytest.raises(InvalidRequest) as refusal:
        check_size(purpose, most + 1)
    assert refusal.value.code == "file_too_large"


def stored_at(now: float, lifetime: int | None = None) -> StoredFile:
    return StoredFile(
        id=file_id(now, random.Random(int(now))),
        bytes=1,
        created_at=int(now),
        filename="a",
        purpose="evals",
        expires_at=None if lifetime is None else int(now) + lifetime,
    )


async def test_an_expired_file_is_gone_from_every_instance_with_its_bytes() -> None:
    container, clock = MemoryContainer(), [1_800_000_000.0]
    one, other = (FileStore(container, lambda: clock[0]) for _ in range(2))
    made = stored_at(clock[0], SHORTEST_LIFE)
    await one.add("", made, b"x")
    assert await other.find("", made.id) == made
    assert await other.count("", 1) == 1
    clock[0] += SHORTEST_LIFE
    assert await other.count("", 1) == 0
    assert await one.content("", made) is None
    assert [name async for name in container.names()] == []


async def test_a_file_is_known_to_its_resource_alone() -> None:
    store = FileStore(MemoryContainer(), lambda: 0.0)
    made = stored_at(1_800_000_000.0)
    await store.add("east", made, b"x")
    assert await store.find("west", made.id) is None
    assert await store.ids("west") == []
    assert await store.find("east", "../" + made.id) is None


def test_the_files_of_a_resource_are_bounded(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.operations.files.upload.MOST_FILES", 2)
    client = client_on("v1", serve())
    with client:
        for _ in range(2):
            upload(client)
        with pytest.raises(openai.BadRequestError) as refusal:
            upload(client)
        assert refusal.value.body == {
            "code": "quotaExceeded",
            "message": "The quota for files without expiry is reached. The maximum is 2.",
        }
        upload(client, expires_after={"seconds": SHORTEST_LIFE, "anchor": "created_at"})


class Full(MemoryContainer):
    """A container that has room for two pieces."""

    async def put(self, name: str, data: bytes) -> None:
        if name.endswith("000002"):
            raise StorageError("full")
        await super().put(name, data)


async def test_a_large_file_is_kept_in_pieces_or_not_at_all() -> None:
    data = b"0123456789abcde\n" * (PIECE_BYTES // 8) + b"end"
    container = MemoryContainer()
    store = FileStore(container, lambda: 0.0)
    stored = StoredFile(
        id=file_id(0, random.Random(1)),
        bytes=len(data),
        created_at=0,
        filename="a",
        purpose="evals",
    )
    await store.add("", stored, data)
    found = await store.find("", stored.id)
    assert found is not None
    assert [len(piece) async for piece in store.pieces("", found)] == [PIECE_BYTES, PIECE_BYTES, 3]
    assert await store.content("", found) == data
    assert await store.drop("", found)
    assert [name async for name in container.names()] == []
    full = Full()
    with pytest.raises(Unavailable):
        await FileStore(full, lambda: 0.0).add("", stored, data)
    assert [name async for name in full.names()] == []


@pytest.mark.parametrize(("purpose", "status"), [("assistants", 201), ("nothing", 400)])
async def test_a_body_is_let_go_with_its_answer(
    make_simulator: MakeSimulator, purpose: str, status: int
) -> None:
    """Bodies of hundreds of megabytes do not wait for a collection, that of a refused request either."""
    simulator, headers = (
        make_simulator(),
        {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"},
    )
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
        b"x" * 2_000_000,
        b'\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\n',
        purpose.encode(),
        b"\r\n--b--\r\n",
    )

    async def asked() -> int:
        body = b"".join(parts)
        return (await ask(simulator, "/openai/v1/files", body, query="", headers=headers)).status

    gc.collect()
    gc.disable()
    try:
        assert await asked() == status
        for _ in range(40):
            if _held() < 1_000_000:
                break
            await asyncio.sleep(0.2)  # a thread lets go of its work in its own time
        assert _held() < 1_000_000
    finally:
        gc.enable()


def _held() -> int:
    """The bytes of requests and files that are alive."""
    found = gc.get_objects()
    return sum(len(one.body) for one in found if isinstance(one, Request)) + sum(
        len(one.data) for one in found if isinstance(one, File)
    )


@pytest.mark.parametrize(
    "name",
    [
        'a\\".jsonl',
        "a%0d%0ax-other: 1.jsonl",
        "a\r\nx-other: 1.jsonl",
        "a\0.jsonl",
        "../../a.jsonl",
        "a\nb.jsonl",
        "\xff.jsonl",
        "é\U0001f600.jsonl",
    ],
)
async def test_a_name_is_shown_and_leads_nowhere(make_simulator: MakeSimulator, name: str) -> None:
    simulator = make_simulator()
    headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
    body = (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\n'
        b'Content-Disposition: form-data; name="file"; filename="'
        + name.encode("utf-8", "replace")
        + b'"\r\n\r\n{}\n\r\n--b--\r\n'
    )
    made = await ask(simulator, "/openai/v1/files", body, query="", headers=headers)
    assert made.status in (201, 400)
    if made.status == 201:
        place = f"/openai/v1/files/{made.json['id']}/content"
        found = await ask(simulator, place, method="GET", query="")
        assert (found.status, found.body) == (200, b"{}\n")
        assert "x-other" not in {*found.headers, *made.headers}
