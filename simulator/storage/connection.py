"""The connection settings of the blobs, in the manner of the Functions host."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OWN = "RecordingStorage"
HOST = "AzureWebJobsStorage"


@dataclass(frozen=True, slots=True)
class StorageConnection:
    """A connection string, or the URL of a storage account and an identity for it.

    `managed_identity` says whose: the app's own (or the one of `client_id`), and nobody else's.
    """

    connection_string: str = field(default="", repr=False)
    account_url: str = ""
    managed_identity: bool = False
    client_id: str = ""


def find_connection(
    environment: Mapping[str, str], *, on_azure: bool = False
) -> StorageConnection | None:
    """The connection that the settings `RecordingStorage…` name; None without one.

    On Azure, the host's own (`AzureWebJobsStorage…`) serves instead. Names match in any case and with
    `:` for `__`. A setting that names no account is a `ValueError`.
    """
    values = {
        name.lower().replace(":", "__"): value.strip()
        for name, value in environment.items()
        if value.strip()
    }
    found = _connection(values, OWN)
    return _connection(values, HOST) if found is None and on_azure else found


def _connection(values: Mapping[str, str], prefix: str) -> StorageConnection | None:
    start = prefix.lower()
    if start in values:
        return StorageConnection(connection_string=values[start])
    parts = {
        name.removeprefix(f"{start}__"): value
        for name, value in values.items()
        if name.startswith(f"{start}__")
    }
    if not parts:
        return None
    url = parts.get("blobserviceuri", "")
    account = parts.get("accountname", "")
    if not url and not account:
        raise ValueError(f"{prefix}__blobServiceUri or {prefix}__accountName is missing")
    return StorageConnection(
        account_url=url or f"https://{account}.blob.core.windows.net",
        managed_identity=parts.get("credential", "").lower() == "managedidentity",
        client_id=parts.get("clientid", ""),
    )
