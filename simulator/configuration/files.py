"""The files that settings name, read once, at the start."""

import codecs
import errno
from collections.abc import Sequence
from pathlib import Path

from simulator.configuration.setting_fields import SettingError
from simulator.suggestions import nearest

MOST_BYTES = 64 * 2**20


def read_named_file(setting: str, value: str, others: Sequence[str] = ()) -> bytes:
    """Return the bytes of the file that a setting names; `others` are what it may say instead. Raises
    `SettingError`."""
    try:
        return read_file(Path(value))
    except OSError as error:
        near = nearest(value, others)
        why = f"did you mean {near!r}?" if near else error.strerror
        instead = f"{', '.join(others)}, or " if others else ""
        allowed = f"{instead}a file that can be read ({why})"
        raise SettingError(setting, repr(value), allowed) from None


def read_file(path: Path) -> bytes:
    """Return the bytes of a file. Raises `OSError`, whose `strerror` says why: also for a pipe or a
    device, which may have no end, and for more than `MOST_BYTES`."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "it is no file")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES >> 20} MB")
    return data.removeprefix(codecs.BOM_UTF8)  # with which editors on Windows begin a text
