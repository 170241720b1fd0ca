"""A container of Azure Storage: the only place that knows its SDK."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from simulator.concurrency import loaded
from simulator.storage.breaker import TIMEOUT, Breaker, StoreUnreachable
from simulator.storage.connection import StorageConnection
from simulator.storage.container import (
    UNCHANGED,
    Blob,
    StorageError,
    Unchanged,
    check_size,
    checked,
)

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.exceptions import HttpResponseError
    from azure.storage.blob.aio import ContainerClient

T = TypeVar("T")

# Understood by Azure, and by every Azurite since mid-2025; the SDK's own newest is ahead of Azurite.
API_VERSION = "2025-05-05"
# Seconds. The SDK's own 20 s to connect and three retries 15 s and more apart are for batch jobs, not
# for a client that waits for its answer.
CONNECT_TIMEOUT, READ_TIMEOUT, RETRY_AFTER, RETRIES = 5, 30, 1, 2
# Errors of the SDK's parsers, which it lets through where an answer is none of the service: a proxy's page.
_NO_ANSWER = (ValueError, TypeError, AttributeError, LookupError, zlib.error)
# Names in one answer to a listing: the most that the service gives.
PAGE = 5_000

_SDK = "azure.storage.blob.aio"
_NO_AZURITE = "Azurite does not answer; is it running? (make azurite)"


class BlobContainer:
    """Blobs of one container, which is created by the first write if it is missing.

    Nothing of the SDK is imported before the first use. Each event loop has one client of its own,
    because a client that is used from a second loop fails.
    """

    def __init__(
        self,
        connection: StorageConnection,
        container: str,
        *,
        timeout: float = TIMEOUT,
        retry_after: int = RETRY_AFTER,
        page: int = PAGE,
    ) -> None:
        self._connection = connection
        self._container = container
        self._breaker = Breaker(timeout)
        self._retry_after = retry_after
        self._page = page
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, ContainerClient] = (
            WeakKeyDictionary()
        )
        self._credentials: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncTokenCredential] = (
            WeakKeyDictionary()
        )

    async def get(self, name: str) -> Blob | None:
        blob = await self._read(name, None)
        return None if isinstance(blob, Unchanged) else blob

    async def get_if_changed(self, name: str, etag: str) -> Blob | Unchanged | None:
        return await self._read(name, etag)

    async def put_new(self, name: str, data: bytes) -> bool:
        checked(name)
        return await self._run(lambda: self._upload(name, data, overwrite=False))

    async def put(self, name: str, data: bytes) -> None:
        checked(name)
        await self._run(lambda: self._upload(name, data, overwrite=True))

    async def put_if_same(self, name: str, data: bytes, etag: str) -> bool:
        checked(name)
        await loaded(_SDK)
        from azure.core.exceptions import HttpResponseError

        async def work() -> bool:
            try:
                await self._write(name, data, **_while_same(etag))
            except HttpResponseError as error:
                # It is gone, or somebody was faster; a 412 may mean other things, such as a lease.
                if error.status_code == 404 or _code(error) == "ConditionNotMet":
                    return False
                raise
            return True

        return await self._run(work)

    async def delete(self, name: str) -> bool:
        checked(name)
        await loaded(_SDK)
        from azure.core.exceptions import HttpResponseError

        async def work() -> bool:
            try:
                await self._client().delete_blob(name)
            except HttpResponseError as error:
                if error.status_code == 404:  # somebody else did it
                    return False
                raise
            return True

        return await self._run(work)

    async def names(self, prefix: str = "") -> AsyncIterator[str]:
        await loaded(_SDK)
        found = self._client().list_blob_names(name_starts_with=prefix, results_per_page=self._page)
        pages = found.by_page()

        async def page() -> list[str] | None:
            from azure.core.exceptions import ResourceNotFoundError

            try:
                return [name async for name in await anext(pages)]
            except (StopAsyncIteration, ResourceNotFoundError):  # the end, or no container yet
                return None

        while (names := await self._run(page)) is not None:
            for name in names:
                yield name

    async def close(self) -> None:
        loop = asyncio.get_running_loop()
        client, credential = self._clients.pop(loop, None), self._credentials.pop(loop, None)
        if client is not None:
            await client.close()
        if credential is not None:
            await credential.close()

    async def _read(self, name: str, etag: str | None) -> Blob | Unchanged | None:
        checked(name)
        await loaded(_SDK)
        from azure.core import MatchConditions
        from azure.core.exceptions import HttpResponseError

        async def work() -> Blob | Unchanged | None:
            client = self._client()
            try:
                if etag is None:
                    download = await client.download_blob(name)
                else:
                    download = await client.download_blob(
                        name, etag=etag, match_condition=MatchConditions.IfModified
                    )
                check_size(name, download.size)
                return Blob(await download.readall(), download.properties.etag or "")
            except HttpResponseError as error:
                if error.status_code == 304:
                    return UNCHANGED
                if error.status_code == 404:  # the blob, or the whole container
                    return None
                raise

        return await self._run(work)

    async def _upload(self, name: str, data: bytes, *, overwrite: bool) -> bool:
        from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

        async def write() -> bool:
            try:
                await self._write(name, data, overwrite=overwrite)
            except ResourceExistsError as error:
                # The SDK makes this class of every 409 and 412, also where nothing is stored.
                if _code(error) != "BlobAlreadyExists":
                    raise
                return False
            return True

        try:
            return await write()
        except ResourceNotFoundError:  # no container yet
            await self._create()
            return await write()

    async def _write(self, name: str, data: bytes, **options: Any) -> None:
        from azure.storage.blob import ContentSettings

        kind = "application/json" if name.endswith(".json") else "application/octet-stream"
        settings = ContentSettings(content_type=kind)
        await self._client().upload_blob(name, data, content_settings=settings, **options)

    async def _create(self) -> None:
        from azure.core.exceptions import ResourceExistsError

        try:
            await self._client().create_container()
        except ResourceExistsError:
            return

    @property
    def likely_cause(self) -> str:
        """Return why nothing answers, most likely; empty for a storage account."""
        text = self._connection.connection_string.lower()
        emulated = "devstoreaccount1" in text or "usedevelopmentstorage=true" in text
        return _NO_AZURITE if emulated else ""

    async def _run(self, work: Callable[[], Awaitable[T]]) -> T:
        await loaded(_SDK)
        return await self._breaker.run(lambda: _wrapped(work, self.likely_cause))

    def _client(self) -> "ContainerClient":
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            self._clients[loop] = self._new_client(loop)
        return self._clients[loop]

    def _new_client(self, loop: asyncio.AbstractEventLoop) -> "ContainerClient":
        from azure.storage.blob.aio import ContainerClient, LinearRetry

        options: dict[str, Any] = {  # keyword arguments of two constructors
            "api_version": API_VERSION,
            "retry_policy": LinearRetry(
                backoff=self._retry_after, retry_total=RETRIES, random_jitter_range=0
            ),
            "connection_timeout": CONNECT_TIMEOUT,
            "read_timeout": READ_TIMEOUT,
        }
        connection = self._connection
        if connection.connection_string:
            return ContainerClient.from_connection_string(
                connection.connection_string, self._container, **options
            )
        credential = _credential(connection)
        self._credentials[loop] = credential
        return ContainerClient(
            connection.account_url, self._container, credential=credential, **options
        )


async def _wrapped(work: Callable[[], Awaitable[T]], hint: str = "") -> T:
    """Wrap errors of the SDK; `hint` is the cause to state where nothing answers."""
    from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError

    try:
        return await work()
    except AzureError as error:
        code: object = getattr(error, "error_code", None) or getattr(error, "reason", None)
        cause = str(getattr(code, "value", code) or error.message).splitlines()[0]
        unanswered = isinstance(error, ServiceRequestError | ServiceResponseError)
        kind = StoreUnreachable if unanswered else StorageError
        named = hint and isinstance(error, ServiceRequestError)
        raise kind(hint if named else f"{type(error).__name__}: {cause}") from error
    except _NO_ANSWER as error:
        raise StorageError(f"what answers is no store of blobs: {error}") from error


def _code(error: "HttpResponseError") -> str:
    """Return the service's own code for the error; the SDK replaces it by one it supposes."""
    response: Any = error.response  # typed as the transport's
    return "" if response is None else response.headers.get("x-ms-error-code", "")


def _while_same(etag: str) -> dict[str, Any]:
    from azure.core import MatchConditions

    return {"overwrite": True, "etag": etag, "match_condition": MatchConditions.IfNotModified}


def _credential(connection: StorageConnection) -> "AsyncTokenCredential":
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

    client_id = connection.client_id or None
    if connection.managed_identity:
        return ManagedIdentityCredential(client_id=client_id)
    return DefaultAzureCredential(managed_identity_client_id=client_id)
