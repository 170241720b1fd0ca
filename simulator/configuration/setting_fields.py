"""The declaration of a setting: its names, the parser of its text, and the allowed values."""

import dataclasses
import re
import urllib.parse
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, TypeVar, cast, get_args

from simulator.errors import StartError

T = TypeVar("T")


def _reject(value: object) -> object:
    """Check a value of a setting that cannot be changed at run time."""
    raise ValueError(value)


REFERENCE = re.compile(r"@Microsoft\.(KeyVault|AppConfiguration)\(", re.IGNORECASE)
"""The beginning of a reference, which stands as a value where Azure could not resolve it."""


class SettingError(StartError):
    """A setting that stops the start; its text is one line that names the setting."""

    def __init__(self, name: str, value: str, allowed: str) -> None:
        super().__init__(f"{name}={value} is not allowed: {allowed}")


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of one field of `Settings`: its names in the environment, and what is
    allowed.

    `parse` reads the environment's text, `check` a value of a JSON document; both raise
    `ValueError` for one that is not allowed.
    """

    names: tuple[str, ...]
    parse: Callable[[str], object]
    allowed: str
    secret: bool = False
    check: Callable[[object], object] = _reject

    def read(self, environment: Mapping[str, str], default: object) -> object:
        for name in self.names:
            text = environment.get(name, "").strip()
            if text:
                check_resolved(name, text)
                try:
                    return self.parse(text)
                except ValueError:
                    shown = "***" if self.secret else repr(text)
                    raise SettingError(name, shown, self.allowed) from None
        return default


def check_resolved(name: str, text: str) -> None:
    """Raise `SettingError` for a reference that Azure could not resolve: it must not serve as a key."""
    found = REFERENCE.match(text)
    if found:
        asked = "is the secret there, and may the app's identity read it?"
        raise SettingError(
            name, f"{found[0]}…)", f"Azure could not resolve this reference; {asked}"
        )


def setting(
    *names: str,
    parse: Callable[[str], T],
    allowed: str,
    default: T,
    secret: bool = False,
    check: Callable[[object], object] = _reject,
) -> Any:  # a dataclass field stands where its value will
    """A dataclass field that says how it is read."""
    read = Setting(names=names, parse=parse, allowed=allowed, secret=secret, check=check)
    return dataclasses.field(default=default, metadata={"setting": read})


def text(*names: str, default: str = "", allowed: str = "text", secret: bool = False) -> Any:
    return setting(*names, parse=str, allowed=allowed, default=default, secret=secret)


def flag(*names: str, default: bool | None) -> Any:
    values = {"true": True, "1": True, "yes": True, "on": True}
    values |= {"false": False, "0": False, "no": False, "off": False}

    def parse(text: str) -> bool:
        if text.lower() not in values:
            raise ValueError(text)
        return values[text.lower()]

    def check(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(value)
        return value

    allowed = "true or false"
    return setting(*names, parse=parse, check=check, allowed=allowed, default=default)


def choice(*names: str, of: Any, default: str) -> Any:
    allowed = get_args(of)

    def parse(text: str) -> str:
        for value in allowed:
            if text.lower() == value.lower():
                return value
        raise ValueError(text)

    def check(value: object) -> object:
        if value not in allowed:
            raise ValueError(value)
        return value

    says = f"one of {', '.join(allowed)}"
    return setting(*names, parse=parse, check=check, allowed=says, default=default)


def number(*names: str, default: float | None, at_least: float = 0, at_most: float = 1e9) -> Any:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(value)
        if not at_least <= value <= at_most:
            raise ValueError(value)
        return float(value)

    def parse(text: str) -> float:
        return check(float(text))

    allowed = f"a number from {at_least:.15g} to {at_most:.15g}"
    return setting(*names, parse=parse, check=check, allowed=allowed, default=default)


def listed(
    *names: str,
    default: tuple[str, ...] = (),
    each: str = ".*",
    allowed: str = "names, separated by commas",
) -> Any:
    """A list in which every part is whole what the expression `each` says."""

    def parse(text: str) -> tuple[str, ...]:
        parts = tuple(part.strip() for part in text.split(",") if part.strip())
        if not all(re.fullmatch(each, part, re.DOTALL) for part in parts):
            raise ValueError(text)
        return parts

    def check(value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise ValueError
        parts = cast("Sequence[object]", value)
        if not all(isinstance(part, str) for part in parts):
            raise ValueError
        return tuple(cast("Sequence[str]", parts))

    return setting(*names, parse=parse, check=check, allowed=allowed, default=default)


def schedule(*names: str, default: str) -> Any:
    def parse(text: str) -> str:
        from croniter import croniter  # 20 ms that an app with the default need not pay

        if len(text.split()) != 6 or not croniter.is_valid(text, second_at_beginning=True):
            raise ValueError(text)
        return text

    allowed = "a schedule of six fields, seconds first"
    return setting(*names, parse=parse, allowed=allowed, default=default)


def address(
    *names: str,
    schemes: tuple[str, ...],
    default: str = "",
    secret: bool = False,
    change: Callable[[str], str] = str,
) -> Any:
    def parse(text: str) -> str:
        if not text.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            raise ValueError(text)
        if text.startswith("http"):
            check_address(text)
        return change(text)

    allowed = f"an address that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    return setting(*names, parse=parse, allowed=allowed, default=default, secret=secret)


def check_address(text: str) -> None:
    """Raises `ValueError` for an address without a host, with a port that is none, or with spaces."""
    parts = urllib.parse.urlsplit(text)
    if not parts.hostname or parts.port == 0 or re.search(r"\s", text):
        raise ValueError(text)


def guid(*names: str) -> Any:
    """Read in lower case, as Entra writes it in its tokens."""

    def parse(text: str) -> str:
        return str(uuid.UUID(text))

    return setting(*names, parse=parse, allowed="a GUID", default="")


def whole(*names: str, default: int, at_least: int = 1, at_most: int) -> Any:
    def parse(text: str) -> int:
        value = int(text)
        if not at_least <= value <= at_most:
            raise ValueError(text)
        return value

    allowed = f"a whole number from {at_least} to {at_most}"
    return setting(*names, parse=parse, allowed=allowed, default=default)


def origins(*names: str) -> Any:
    """Origins of web pages, exactly as browsers send them: a scheme, a host, and a port if there is one."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple(part.strip() for part in text.split(",") if part.strip())
        for origin in found:
            parts = urllib.parse.urlsplit(origin)
            if (
                parts.scheme not in ("http", "https")
                or origin != f"{parts.scheme}://{parts.netloc}"
            ):
                raise ValueError(origin)
        return tuple(origin.lower() for origin in found)

    allowed = "origins as https://app.example or http://localhost:5173, separated by commas"
    return setting(*names, parse=parse, allowed=allowed, default=())


def networks(*names: str, default: tuple[str, ...]) -> Any:
    """Networks of IP addresses; a single address is one, too."""

    def parse(text: str) -> tuple[str, ...]:
        found = tuple([part.strip() for part in text.split(",") if part.strip()])
        for network in found:
            ip_network(network)
        return found

    allowed = "addresses and networks as 127.0.0.0/8 or ::1, separated by commas"
    return setting(*names, parse=parse, allowed=allowed, default=default)
