"""Documents that a setting names, as a file or as a blob of the container, and that are followed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from simulator.assembly.blob_names import blob_of, is_blob
from simulator.assembly.containers import kind_of
from simulator.errors import StartError
from simulator.storage.container import Container
from simulator.storage.followed import Followed, FollowedBlob, FollowedFile, UnusableDocument

T = TypeVar("T")


class FollowedFileError(StartError):
    """A file at the start that cannot be used; the text names its setting and the place."""


@dataclass(frozen=True, slots=True)
class Source(Generic[T]):
    """A followed document, and its content at the start, if that is known."""

    followed: Followed[T]
    first: T | None


def follow(
    setting: str, value: str, container: Container, read: Callable[[bytes], T]
) -> Source[T] | None:
    """Return the source of a setting's document, None if the setting is empty.

    Raises `SettingError` or `FollowedFileError`.
    """
    if is_blob(value):
        blob = blob_of(setting, value, kind_of(container))
        return Source(FollowedBlob(container, blob, read), None)
    if not value:
        return None
    file = FollowedFile(Path(value), read)
    try:
        return Source(file, file.first())
    except UnusableDocument as error:
        raise FollowedFileError(f"{setting}: {value}: {error}") from None
