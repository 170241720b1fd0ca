"""The environment that settings are read from, completed by `.env` and `local.settings.json`."""

import codecs
import os
from collections.abc import Mapping
from pathlib import Path

import dotenv
import msgspec

from simulator.configuration.setting_fields import SettingError


def load_environment(root: Path) -> Mapping[str, str]:
    """Return the environment, completed by `.env`, and that by `Values` of `local.settings.json`.

    Values found there are put into the process's environment too, where the Azure and telemetry
    libraries read settings of their own; a name that is set already keeps its value.
    """
    for name, value in {**_local_settings(root), **_dotenv(root)}.items():
        os.environ.setdefault(name, value)
    return os.environ


def _dotenv(root: Path) -> Mapping[str, str]:
    found = dotenv.dotenv_values(root / ".env")
    return {name: value for name, value in found.items() if value is not None}


class _LocalSettings(msgspec.Struct):
    IsEncrypted: bool = False
    Values: dict[str, str] = {}


def _local_settings(root: Path) -> Mapping[str, str]:
    path = root / "local.settings.json"
    if not path.is_file():
        return {}
    content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    try:
        found = msgspec.json.decode(content, type=_LocalSettings)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingError(
            path.name, "(file)", f"it must be JSON like its example; {error}"
        ) from None
    if found.IsEncrypted:
        raise SettingError(
            path.name, "(file)", "it must not be encrypted; run `func settings decrypt`"
        )
    return found.Values
