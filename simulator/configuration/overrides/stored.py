"""Overrides as they are stored in the container, and the errors of changing them.

GatewayError
├── ConfigurationChanged   412  the configuration is not the one of `If-Match` any more
└── OverridesUnusable      409  the stored overrides were edited, and cannot be understood
"""

from typing import Any

import msgspec

from simulator.errors import GatewayError
from simulator.storage.container import Blob, Container, StorageError, write_over

NAME = ".config/overrides.json"


class Overrides(msgspec.Struct, frozen=True):
    """The differences from the start-up configuration: settings by their dotted names, and
    deployments, each with all its fields; None for one that is removed.
    """

    settings: dict[str, str | float | bool | list[str]] = {}
    deployments: dict[str, dict[str, str | int | dict[str, Any]] | None] = {}


NO_OVERRIDES = Overrides()


class StoredOverrides(msgspec.Struct, frozen=True, kw_only=True):
    """The overrides in force; when (ISO, UTC) and by whom the last ones were made, and of what."""

    changed_at: str = ""
    changed_by: str = ""
    changed: tuple[str, ...] = ()
    overrides: Overrides = msgspec.field(default=NO_OVERRIDES, name="changes")


NOTHING_STORED = StoredOverrides()


class UnreadableError(ValueError):
    """Raised if the stored overrides cannot be understood; the text says why."""


class ConfigurationChanged(GatewayError):
    """Says who made the last change, when and of what, and carries the ETag to go on with."""

    status = 412
    code = "PreconditionFailed"

    def __init__(self, stored: StoredOverrides, etag: str) -> None:
        if stored.changed_at:
            changed = ", ".join(stored.changed)
            cause = f"At {stored.changed_at}, {stored.changed_by} changed {changed}."
        else:
            cause = "The simulator was started with other settings, or other deployments."
        super().__init__(
            f"The configuration no longer has this ETag, and nothing was changed. {cause} "
            "Read it again and repeat the change with its new ETag, or leave If-Match out.",
            headers={"etag": etag},
        )


class OverridesUnusable(GatewayError):
    """Raised if the stored overrides are unusable; the message says how to reset them."""

    status = 409
    code = "Conflict"

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"The changes stored as {NAME} cannot be used, and nothing was changed: {cause} Correct "
            "the file, or reset the configuration with DELETE /++/config."
        )


def decode_stored(blob: Blob | None) -> StoredOverrides:
    """Return the stored overrides; no blob means that nothing is overridden. Raises
    `UnreadableError`.
    """
    if blob is None:
        return NOTHING_STORED
    try:
        return msgspec.json.decode(blob.data, type=StoredOverrides)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


async def store_overrides(
    container: Container, stored: StoredOverrides, before: Blob | None
) -> bool:
    """Write over the earlier version; return False if that has changed meanwhile.

    A write whose answer was lost is read back, whether it then failed or was repeated in vain:
    raises `StorageError` only if it is known not to be there, and `FateUnknown` if the store does not
    say.
    """
    data = msgspec.json.format(msgspec.json.encode(stored), indent=2)
    try:
        written = await write_over(container, NAME, data, before)
    except StorageError as error:
        if await _is_there(container, data, error):
            return True
        raise
    return written or await _is_there(container, data)


class FateUnknown(StorageError):
    """A write that was not answered, and that could not be read back: it may be there or not."""


async def _is_there(
    container: Container, data: bytes, unanswered: StorageError | None = None
) -> bool:
    try:
        blob = await container.get(NAME)
    except StorageError as error:
        raise FateUnknown(str(unanswered or error)) from error
    return blob is not None and blob.data == data
