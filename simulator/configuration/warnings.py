"""Warnings of settings that are most likely mistakes, though the start need not stop for them."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from simulator.configuration.setting_fields import Setting
from simulator.configuration.settings import Settings, without_api_path
from simulator.suggestions import nearest

# First words of names that others use, too; a name with one is suspected only if it is very like ours.
_SHARED = ("ALLOW", "APPLICATIONINSIGHTS", "AZURE", "CONTAINER", "LOG", "OPENAI", "OTEL", "WEBSITE")
_OTHERS = (
    "AZURE_OPENAI_API_KEY",
    "AZURE_OPENAI_AD_TOKEN",
    "SIMULATOR_APP_SETTINGS",
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
)
"""Names that begin like a setting and are read by clients, by libraries or by a deployment."""
_ALIKE = 0.6
_VERY_ALIKE = 0.9
_ONE_SLIP = 0.85  # one letter of a single word such as LATENCY


def warnings(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each thing that is most likely a mistake."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    endpoint = given.get("AZURE_OPENAI_ENDPOINT", "")
    if without_api_path(endpoint) != endpoint:
        yield f"AZURE_OPENAI_ENDPOINT is taken as {without_api_path(endpoint)}, without its path"
    yield from unknown_settings(given)


def setting_names() -> list[str]:
    """Return the name of every setting."""
    declared = (item.metadata.get("setting") for item in dataclasses.fields(Settings))
    return [name for found in declared if isinstance(found, Setting) for name in found.names]


def setting_of_flag(flag: str) -> str | None:
    """Return the setting that a flag like `--api-key` spells, with or without its first word."""
    spelt = flag.lstrip("-").replace("-", "_").upper()
    names = setting_names()
    return next((name for name in (spelt, f"SIMULATOR_{spelt}") if name in names), None)


def unknown_settings(names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each name that begins like a setting and is none, with the nearest one."""
    known = setting_names()
    prefixes = {f"{name.partition('_')[0]}_" for name in known if "_" in name}
    prefixes -= {f"{word}_" for word in _SHARED}
    for name in sorted({*names} - {*known, *_OTHERS}):
        ours = name.startswith(tuple(prefixes))
        foreign = _VERY_ALIKE if "_" in name else _ONE_SLIP
        near = nearest(name, known, _ALIKE if ours else foreign)
        if near:
            yield f"{name} is not a setting; did you mean {near}?"
        elif ours:
            yield f"{name} is not a setting; docs/configuration.md lists them"
