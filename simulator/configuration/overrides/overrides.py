"""Overrides applied: the start-up configuration with its overrides, and with a patch."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from simulator.catalogue.deployments import Deployment
from simulator.configuration.overrides.members import (
    DEPLOYMENTS,
    FIELDS,
    Entry,
    changed_settings,
    entry_of,
    patched_entry,
    replaced_deployments,
    values_of,
)
from simulator.configuration.overrides.stored import Overrides
from simulator.configuration.settings import Settings
from simulator.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, and the deployments by name."""

    settings: Settings
    deployments: Mapping[str, Deployment]


@dataclass(frozen=True, slots=True)
class Patch:
    """A requested change, in the same terms; a setting that is None returns to its start-up value,
    and `forgetful` takes all deployments back first.
    """

    settings: Mapping[str, object]
    deployments: Mapping[str, Entry | None]
    forgetful: bool = False
    repeated: Mapping[str, object] = field(default_factory=dict[str, object])
    """The members of the request that cannot be changed."""

    @property
    def names(self) -> tuple[str, ...]:
        """The settings and deployments that the request names, in the document's terms."""
        all_of_them = (DEPLOYMENTS,) if self.forgetful else ()
        deployments = (f"{DEPLOYMENTS}.{name}" for name in self.deployments)
        return (*self.settings, *all_of_them, *deployments)


NO_PATCH = Patch({}, {})


def configured(start: Configuration, overrides: Overrides) -> Configuration:
    """The configuration with the overrides; `InvalidRequest` names the first that is not allowed."""
    unknown = next((name for name in overrides.settings if name not in FIELDS), None)
    if unknown is not None:
        raise InvalidRequest(f"Unknown parameter: '{unknown}'.", param=unknown)
    settings = changed_settings(start.settings, overrides.settings)
    _check_upstream(settings)
    deployments = replaced_deployments(start.deployments, overrides.deployments)
    return Configuration(settings, deployments)


def patched(
    start: Configuration, overrides: Overrides, patch: Patch
) -> tuple[Overrides, Configuration]:
    """The overrides with the patch, and the configuration with them. Raises as `configured`.

    A member that is as at the start is no override any more, so that a whole document that is sent
    back with one figure changed overrides that figure alone.
    """
    values = {**overrides.settings, **patch.settings}
    wanted: dict[str, Entry | None] = {} if patch.forgetful else {**overrides.deployments}
    for name, entry in patch.deployments.items():
        before = _before(start, wanted, name)
        wanted[name] = None if entry is None else patched_entry(before, entry)
    settings = {name: value for name, value in values.items() if value is not None}
    revised = msgspec.convert({"settings": settings, "deployments": wanted}, Overrides)
    configuration = configured(start, revised)
    _check_forwarding(start.settings, configuration.settings)
    return _differences(start, revised, configuration), configuration


def _before(start: Configuration, wanted: Mapping[str, Entry | None], name: str) -> Entry:
    if name in wanted:
        return wanted[name] or {}
    deployment = start.deployments.get(name)
    return entry_of(deployment) if deployment else {}


def _differences(start: Configuration, overrides: Overrides, result: Configuration) -> Overrides:
    before, after = values_of(start.settings), values_of(result.settings)
    return Overrides(
        {name: value for name, value in overrides.settings.items() if before[name] != after[name]},
        {
            name: entry
            for name, entry in overrides.deployments.items()
            if start.deployments.get(name) != result.deployments.get(name)
        },
    )


def _forwarding_member(settings: Settings) -> str | None:
    """The member by which requests are forwarded; None if they are not."""
    if settings.mode == "record":
        return "simulator_mode"
    forwards = settings.mode == "replay" and settings.replay_miss == "forward"
    return "replay.miss" if forwards else None


def _check_forwarding(before: Settings, after: Settings) -> None:
    """Whoever may call a simulator that forwards nothing may not have it spend its owner's money."""
    name = _forwarding_member(after)
    # Where keys have names, only those of administrators change anything.
    allowed = after.allow_mode_change or after.keys_path
    if name is None or allowed or _forwarding_member(before) is not None:
        return
    raise InvalidRequest(
        f"Invalid value for '{name}': this simulator was not started to forward requests. Set "
        "ALLOW_MODE_CHANGE=true, or keys with names and roles (KEYS_PATH), and restart it.",
        param=name,
        code="invalid_value",
    )


def _check_upstream(settings: Settings) -> None:
    if settings.upstream_endpoint:
        return
    name = _forwarding_member(settings)
    if name is not None:
        raise InvalidRequest(
            f"Invalid value for '{name}': it needs an upstream, and AZURE_OPENAI_ENDPOINT is not "
            "set. Set it, and restart the simulator.",
            param=name,
            code="invalid_value",
        )
