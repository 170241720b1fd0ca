"""Documents of which a setting says `blob:NAME`: they are in the container."""

from simulator.configuration.overrides.document import KeptIn
from simulator.configuration.settings import SettingError
from simulator.storage.container import checked

_PREFIX = "blob:"


def is_blob(value: str) -> bool:
    """Return whether a setting names a document in the container, not a file."""
    return value.startswith(_PREFIX)


def blob_of(setting: str, value: str, kept_in: KeptIn) -> str:
    """Return the blob that a setting names. Raises `SettingError` where nobody can have put it there, too."""
    name = name_of_blob(setting, value)
    if kept_in == "memory":
        raise SettingError(setting, repr(value), "a blob needs RecordingStorage or RECORDING_DIR")
    return name


def name_of_blob(setting: str, value: str) -> str:
    """Return the name of that blob. Raises `SettingError` for what is no name in a container."""
    try:
        return checked(value.removeprefix(_PREFIX))
    except ValueError:
        raise SettingError(setting, repr(value), "after blob: a name in the container") from None
