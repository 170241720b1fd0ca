import asyncio
import errno
import os
import subprocess
import sys

import pytest

from simulator.storage.azure_blobs import BlobContainer
from simulator.storage.connection import StorageConnection
from simulator.storage.container import UNCHANGED, Blob, StorageError
from simulator.storage.folder import FolderContainer
from simulator.storage.memory import MemoryContainer
from tests.storage.containers import blobs
from tests.support.azurite import KEY, free_port


async def listed(container, prefix=""):
    return [name async for name in container.names(prefix)]


async def test_a_name_that_was_never_written_holds_nothing(container):
    assert await container.get("v1/a.json") is None
    assert await container.get_if_changed("v1/a.json", "etag") is None


async def test_an_empty_container_lists_nothing(container):
    assert await listed(container) == []
    assert await listed(container, "v1/gpt-4o/") == []


@pytest.mark.parametrize("data", [b"", b"{}", bytes(range(256)), b"x" * 3_000_000])
async def test_what_was_written_is_read_byte_for_byte(container, data):
    await container.put("v1/a/b.json", data)
    assert (await container.get("v1/a/b.json")).data == data


async def test_a_new_name_is_taken_by_the_first_writer_alone(container):
    assert await container.put_new("v1/a.json", b"first")
    assert not await container.put_new("v1/a.json", b"second")
    assert (await container.get("v1/a.json")).data == b"first"


async def test_of_many_writers_at_once_exactly_one_wins(container):
    won = await asyncio.gather(
        *(container.put_new("v1/deep/er/a.json", b"%d" % number) for number in range(40))
    )
    assert won.count(True) == 1
    assert (await container.get("v1/deep/er/a.json")).data == b"%d" % won.index(True)


async def test_a_written_name_can_be_written_over(container):
    await container.put("a", b"first")
    await container.put("a", b"second")
    assert (await container.get("a")).data == b"second"


async def test_nothing_is_transferred_while_nothing_has_changed(container):
    await container.put("a", b"first")
    etag = (await container.get("a")).etag
    assert await container.get_if_changed("a", etag) is UNCHANGED


async def test_a_change_is_seen_and_has_another_etag(container):
    await container.put("a", b"first")
    etag = (await container.get("a")).etag
    await container.put("a", b"other")
    changed = await container.get_if_changed("a", etag)
    assert isinstance(changed, Blob)
    assert changed.data == b"other"
    assert changed.etag != etag


async def test_a_write_on_condition_happens_while_nothing_has_changed(container):
    await container.put("a.json", b"first")
    etag = (await container.get("a.json")).etag
    assert await container.put_if_same("a.json", b"other", etag)
    assert (await container.get("a.json")).data == b"other"


async def test_a_write_on_condition_comes_too_late_after_another(container):
    await container.put("a", b"first")
    etag = (await container.get("a")).etag
    await container.put("a", b"other")
    assert not await container.put_if_same("a", b"late", etag)
    assert (await container.get("a")).data == b"other"


async def test_a_write_on_condition_comes_too_late_after_a_deletion(container):
    await container.put("a", b"first")
    etag = (await container.get("a")).etag
    await container.delete("a")
    assert not await container.put_if_same("a", b"late", etag)
    assert await container.get("a") is None


async def test_a_write_on_condition_makes_nothing_where_there_was_nothing(container):
    assert not await container.put_if_same("deep/a", b"data", "etag")
    assert await listed(container) == []


async def test_of_many_writers_on_one_condition_exactly_one_wins(container):
    await container.put("v1/a", b"first")
    etag = (await container.get("v1/a")).etag
    won = await asyncio.gather(
        *(container.put_if_same("v1/a", b"%d" % number, etag) for number in range(20))
    )
    assert won.count(True) == 1
    assert (await container.get("v1/a")).data == b"%d" % won.index(True)


async def test_what_is_deleted_is_gone_and_deleting_it_again_does_no_harm(container):
    await container.put("v1/a", b"")
    assert await container.delete("v1/a")
    assert not await container.delete("v1/a")
    assert await container.get("v1/a") is None


async def test_a_deleted_name_is_free_again(container):
    await container.put_new("v1/a", b"1")
    await container.delete("v1/a")
    assert await container.put_new("v1/a", b"2")


async def test_names_are_listed_sorted_by_prefix(container):
    for name in ("v1/b/2.json", "v1/b/1.json", "v1/bc/3.json", "legacy/4.json", "top"):
        await container.put(name, b"")
    assert await listed(container, "v1/b/") == ["v1/b/1.json", "v1/b/2.json"]
    assert await listed(container, "v1/b") == ["v1/b/1.json", "v1/b/2.json", "v1/bc/3.json"]
    assert await listed(container, "to") == ["top"]
    assert len(await listed(container)) == 5


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "a/../b", "a//b", "a\\b", "a\0"])
async def test_a_name_that_leads_elsewhere_is_refused(container, name):
    for work in (
        container.get(name),
        container.put(name, b""),
        container.put_new(name, b""),
        container.put_if_same(name, b"", "etag"),
    ):
        with pytest.raises(ValueError, match="not a name in a container"):
            await work


async def test_a_container_can_be_used_again_after_it_was_closed(container):
    await container.put("a", b"kept")
    await container.close()
    assert (await container.get("a")).data == b"kept"


def test_blobs_are_read_from_a_second_event_loop(azurite):
    container = blobs(azurite)

    async def write():
        await container.put("a", b"1")
        await container.close()

    async def read():
        found = await container.get("a")
        await container.close()
        return found.data

    asyncio.run(write())
    assert asyncio.run(read()) == b"1"


async def test_a_list_of_many_pages_is_complete(azurite):
    container = blobs(azurite, page=7)
    names = [f"v1/{number:04}" for number in range(40)]
    await asyncio.gather(*(container.put(name, b"") for name in names))
    assert await listed(container, "v1/") == names
    await container.close()


async def test_a_blob_store_that_is_away_is_a_storage_error_without_the_key():
    string = f"AccountName=a;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:{free_port()}/a;"
    container = BlobContainer(
        StorageConnection(connection_string=string), "recordings", retry_after=0
    )
    for work in (
        container.get("a"),
        container.put("a", b""),
        container.put_if_same("a", b"", "etag"),
        container.delete("a"),
    ):
        with pytest.raises(StorageError, match="ServiceRequestError") as raised:
            await work
        assert KEY not in str(raised.value)
    with pytest.raises(StorageError):
        await listed(container)
    await container.close()


async def test_a_wrong_account_key_is_a_storage_error_that_says_so(azurite):
    string = azurite.connection_string.replace(KEY, "d3Jvbmc=")
    container = BlobContainer(StorageConnection(connection_string=string), "recordings")
    with pytest.raises(StorageError, match="AuthorizationFailure"):
        await container.get("a")
    await container.close()


@pytest.mark.parametrize("managed_identity", [True, False])
async def test_an_account_without_a_connection_string_is_reached_by_identity(managed_identity):
    connection = StorageConnection(
        account_url="https://127.0.0.1:9", managed_identity=managed_identity, client_id="me"
    )
    container = BlobContainer(connection, "recordings", retry_after=0)
    kind = "ManagedIdentityCredential" if managed_identity else "DefaultAzureCredential"
    container._client()
    assert [type(one).__name__ for one in container._credentials.values()] == [kind]
    await container.close()


def test_the_storage_sdk_is_not_imported_before_it_is_needed():
    code = (
        "import sys; from simulator.storage.azure_blobs import BlobContainer; "
        "from simulator.storage.connection import StorageConnection; "
        "BlobContainer(StorageConnection(connection_string='x'), 'c'); "
        "print([name for name in sys.modules if name.startswith('azure')])"
    )
    done = subprocess.run(  # noqa: S603 the program is ours
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


async def test_files_lie_under_their_names_and_can_be_read_by_others(tmp_path):
    container = FolderContainer(tmp_path / "recordings")
    await container.put_new("v1/a/b.json", b"{}")
    path = tmp_path / "recordings" / "v1" / "a" / "b.json"
    assert path.read_bytes() == b"{}"
    assert path.stat().st_mode & 0o044 == 0o044 & ~_umask()
    assert list((tmp_path / "recordings" / ".tmp").iterdir()) == []


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


async def test_a_folder_that_cannot_be_written_is_a_storage_error_naming_it(tmp_path):
    (tmp_path / "file").write_text("in the way")
    container = FolderContainer(tmp_path / "file")
    with pytest.raises(StorageError, match="file"):
        await container.put_new("a", b"")


@pytest.mark.parametrize("taken", [True, False])
async def test_a_file_system_without_links_serves_too(tmp_path, monkeypatch, taken):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links here")

    container = FolderContainer(tmp_path)
    if taken:
        (tmp_path / "a").write_bytes(b"first")
        looks = iter([False, True])
        monkeypatch.setattr("pathlib.Path.exists", lambda _: next(looks))
    monkeypatch.setattr(os, "link", refuse)
    assert await container.put_new("a", b"second") is not taken
    assert (tmp_path / "a").read_bytes() == (b"first" if taken else b"second")


async def test_another_disk_error_is_not_taken_for_a_lack_of_links(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EDQUOT, "quota exceeded", "a")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(StorageError, match="quota exceeded: a"):
        await FolderContainer(tmp_path).put_new("a", b"")


async def test_writes_and_deletes_in_one_folder_do_not_disturb_each_other(tmp_path):
    container = FolderContainer(tmp_path)

    async def write_and_delete(number):
        for _ in range(30):
            await container.put_new(f"v1/shared/{number}", b"")
            await container.delete(f"v1/shared/{number}")

    await asyncio.gather(*(write_and_delete(number) for number in range(8)))
    assert await listed(container, "v1/") == []


async def test_what_is_too_large_is_not_read(container, monkeypatch):
    if isinstance(container, MemoryContainer):
        pytest.skip("what is in memory is there already")
    await container.put("a", b"0123456789")
    monkeypatch.setattr("simulator.storage.container.MOST_BYTES", 9)
    with pytest.raises(StorageError, match="a has 10 bytes, which is more than 9"):
        await container.get("a")
    monkeypatch.setattr("simulator.storage.container.MOST_BYTES", 10)
    blob = await container.get("a")
    assert blob is not None
    assert blob.data == b"0123456789"
