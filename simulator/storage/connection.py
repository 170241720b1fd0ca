"""The connection settings of the blobs, in the manner of the Functions host."""

import base64
import binascii
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
        _check(values[start])
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
    # An identity's tokens are sent over https alone.
    if url and not url.startswith("https://"):
        raise ValueError(f"{prefix}__blobServiceUri is no address that starts with https://")
    return StorageConnection(
        account_url=url or f"https://{account}.blob.core.windows.net",
        managed_identity=parts.get("credential", "").lower() == "managedidentity",
        client_id=parts.get("clientid", ""),
    )


def _check(text: str) -> None:
    """Raise `ValueError` if the text is no connection string of a storage account."""
    pairs = [pair.partition("=") for pair in text.split(";") if pair.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise ValueError(
            "a connection string, NAME=value;NAME=value, or UseDevelopmentStorage=true"
        )
    members = {name.strip().lower(): value for name, _, value in pairs}
    if members.get("usedevelopmentstorage", "").lower() == "true":
        return
    if not members.keys() & {"accountname", "blobendpoint"}:
        raise ValueError("the connection string has neither AccountName nor BlobEndpoint")
    if not members.keys() & {"accountkey", "sharedaccesssignature"}:
        raise ValueError("the connection string has neither AccountKey nor SharedAccessSignature")
    try:
        base64.b64decode(members.get("accountkey", ""), validate=True)
    except binascii.Error:
        raise ValueError("AccountKey in the connection string is not base64") from None
