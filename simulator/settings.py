"""The settings: every one is read here, from the environment, and from nowhere else."""

import dataclasses
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import dotenv
import msgspec

T = TypeVar("T")

ModeName = Literal["generate", "record", "replay"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class SettingError(ValueError):
    """A setting that stops the start; its text is one line that names the setting."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name}={value} is not allowed: {allowed}")


@dataclass(frozen=True, slots=True)
class Setting:
    """How a field of `Settings` is read: its names in the environment, and what is allowed."""

    names: tuple[str, ...]
    parse: Callable[[str], object]
    allowed: str
    secret: bool = False

    def read(self, environment: Mapping[str, str], default: object) -> object:
        for name in self.names:
            text = environment.get(name, "").strip()
            if text:
                try:
                    return self.parse(text)
                except ValueError:
                    shown = "***" if self.secret else repr(text)
                    raise SettingError(name, shown, self.allowed) from None
        return default


def _setting(
    *names: str, parse: Callable[[str], T], allowed: str, default: T, secret: bool = False
) -> Any:  # a dataclass field stands where its value will
    setting = Setting(names=names, parse=parse, allowed=allowed, secret=secret)
    return dataclasses.field(default=default, metadata={"setting": setting})


def _text(*names: str, default: str = "", allowed: str = "text", secret: bool = False) -> Any:
    return _setting(*names, parse=str, allowed=allowed, default=default, secret=secret)


def _flag(*names: str, default: bool) -> Any:
    values = {"true": True, "1": True, "yes": True, "on": True}
    values |= {"false": False, "0": False, "no": False, "off": False}

    def parse(text: str) -> bool:
        if text.lower() not in values:
            raise ValueError(text)
        return values[text.lower()]

    return _setting(*names, parse=parse, allowed="true or false", default=default)


def _choice(*names: str, of: Any, default: str) -> Any:
    allowed = get_args(of)

    def parse(text: str) -> str:
        for value in allowed:
            if text.lower() == value.lower():
                return value
        raise ValueError(text)

    return _setting(*names, parse=parse, allowed=f"one of {', '.join(allowed)}", default=default)


def _number(*names: str, default: float | None, at_least: float = 0, at_most: float = 1e9) -> Any:
    def parse(text: str) -> float:
        value = float(text)
        if not at_least <= value <= at_most:
            raise ValueError(text)
        return value

    allowed = f"a number from {at_least:g} to {at_most:g}"
    return _setting(*names, parse=parse, allowed=allowed, default=default)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their defaults. `docs/configuration.md` says what each one means."""

    mode: ModeName = _choice("SIMULATOR_MODE", of=ModeName, default="generate")
    api_key: str = _text("SIMULATOR_API_KEY", secret=True)
    region: str = _text("SIMULATOR_REGION", default="East US 2")
    log_level: LogLevel = _choice("LOG_LEVEL", of=LogLevel, default="INFO")

    deployments_path: str = _text("OPENAI_DEPLOYMENT_CONFIG_PATH", allowed="a path to a JSON file")
    allow_undefined_deployments: bool = _flag("ALLOW_UNDEFINED_OPENAI_DEPLOYMENTS", default=True)

    answer_tokens_mean: float = _number(
        "ANSWER_TOKENS_MEAN", default=150.0, at_least=1, at_most=100_000
    )
    answer_tokens_std_dev: float = _number("ANSWER_TOKENS_STD_DEV", default=50.0, at_most=100_000)

    # Milliseconds: per request, token, token and megabyte.
    embeddings_mean: float = _number("LATENCY_OPENAI_EMBEDDINGS_MEAN", default=100.0)
    embeddings_std_dev: float = _number("LATENCY_OPENAI_EMBEDDINGS_STD_DEV", default=30.0)
    completions_mean: float = _number("LATENCY_OPENAI_COMPLETIONS_MEAN", default=15.0)
    completions_std_dev: float = _number("LATENCY_OPENAI_COMPLETIONS_STD_DEV", default=2.0)
    chat_completions_mean: float = _number("LATENCY_OPENAI_CHAT_COMPLETIONS_MEAN", default=19.0)
    chat_completions_std_dev: float = _number(
        "LATENCY_OPENAI_CHAT_COMPLETIONS_STD_DEV", default=6.0
    )
    translations_mean: float = _number("LATENCY_OPENAI_TRANSLATIONS_MEAN", default=15_000.0)
    translations_std_dev: float = _number("LATENCY_OPENAI_TRANSLATIONS_STD_DEV", default=1_000.0)
    # Milliseconds; unset, the time per token above says both.
    time_to_first_token_mean: float | None = _number(
        "LATENCY_OPENAI_TIME_TO_FIRST_TOKEN_MEAN", default=None
    )
    time_to_first_token_std_dev: float = _number(
        "LATENCY_OPENAI_TIME_TO_FIRST_TOKEN_STD_DEV", default=0.0
    )
    inter_token_mean: float | None = _number("LATENCY_OPENAI_INTER_TOKEN_MEAN", default=None)
    inter_token_std_dev: float = _number("LATENCY_OPENAI_INTER_TOKEN_STD_DEV", default=0.0)

    # Set by Azure on every Function App; the settings page does not offer it.
    on_azure: bool = _setting(
        "WEBSITE_INSTANCE_ID", parse=bool, allowed="set by Azure", default=False
    )

    @classmethod
    def from_env(cls, environment: Mapping[str, str]) -> "Settings":
        """Reads every field, or raises `SettingError` for the first one that is not allowed."""
        values: dict[str, Any] = {}
        for item in dataclasses.fields(cls):
            setting: Setting = item.metadata["setting"]
            values[item.name] = setting.read(environment, item.default)
        return cls(**values)

    def with_key(self) -> "Settings":
        """The same settings with a new random key, for a developer who has set none."""
        return dataclasses.replace(self, api_key=secrets.token_hex(16))


def load_environment(root: Path) -> Mapping[str, str]:
    """The environment, completed by `.env`, and that by `Values` of `local.settings.json`.

    What is found is put into the process's environment too, where the Azure and telemetry libraries
    look for settings of their own; a name that is set already keeps its value.
    """
    for name, value in {**_local_settings(root), **_dotenv(root)}.items():
        os.environ.setdefault(name, value)
    return os.environ


def _dotenv(root: Path) -> Mapping[str, str]:
    found = dotenv.dotenv_values(root / ".env")
    return {name: value for name, value in found.items() if value is not None}


class _LocalSettings(msgspec.Struct):
    Values: dict[str, str] = {}


def _local_settings(root: Path) -> Mapping[str, str]:
    path = root / "local.settings.json"
    if not path.is_file():
        return {}
    try:
        return msgspec.json.decode(path.read_bytes(), type=_LocalSettings).Values
    except msgspec.DecodeError as error:
        raise SettingError(
            path.name, "(file)", f"it must be JSON like its example; {error}"
        ) from None
