"""The Bicep files, parsed, in the little that tests ask of them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pycep

INFRA = Path(__file__).parents[2] / "infra"
FILES = sorted(INFRA.rglob("*.bicep"))


class Resource(NamedTuple):
    """A resource without the condition or loop around it."""

    symbol: str
    type: str
    api_version: str
    config: Mapping[str, Any]


class Module(NamedTuple):
    """A use of a Bicep file by another one."""

    symbol: str
    path: Path
    config: Mapping[str, Any]


class File:
    """A Bicep file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self._parsed: Mapping[str, Any] = pycep.BicepParser().parse(text=self.text)

    @property
    def parameters(self) -> Mapping[str, Any]:
        return self._parsed.get("parameters", {})

    @property
    def variables(self) -> Mapping[str, Any]:
        return {name: item["value"] for name, item in self._parsed.get("variables", {}).items()}

    @property
    def outputs(self) -> Mapping[str, Any]:
        return self._parsed.get("outputs", {})

    @property
    def resources(self) -> list[Resource]:
        return [
            Resource(symbol, item["type"], item["api_version"], bare(item["config"]))
            for symbol, item in self._parsed.get("resources", {}).items()
        ]

    @property
    def modules(self) -> list[Module]:
        return [
            Module(symbol, self.path.parent / item["detail"]["path"], bare(item["config"]))
            for symbol, item in self._parsed.get("modules", {}).items()
        ]

    def resource(self, symbol: str) -> Mapping[str, Any]:
        return next(found.config for found in self.resources if found.symbol == symbol)


def bare(config: Mapping[str, Any]) -> Mapping[str, Any]:
    return config.get("config", config)


def described(item: Mapping[str, Any]) -> str:
    """The description among its decorators; "" without one."""
    return next(
        (found["argument"] for found in item["decorators"] if found["type"] == "description"), ""
    )


def argument(item: Mapping[str, Any], decorator: str) -> Any:
    return next(
        (found["argument"] for found in item["decorators"] if found["type"] == decorator), None
    )


def members(value: Any) -> Iterator[str]:
    """The names in an object, or in either branch of a condition."""
    if "operator" in value:
        operands = value["operator"]["operands"]
        yield from members(operands["true_value"])
        yield from members(operands["false_value"])
    else:
        yield from value


def uses_of_outputs(text: str) -> set[tuple[str, str]]:
    """Module and output, wherever an output of a module is used."""
    return set(re.findall(r"\b(\w+)\.outputs\.(\w+)", text))


ALL = [File(path) for path in FILES]
NAMED = {file.path.relative_to(INFRA).as_posix(): file for file in ALL}
