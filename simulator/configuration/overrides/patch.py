"""Changes of the start-up configuration: read from a request, put onto earlier ones, applied."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import msgspec

from simulator.catalogue.deployments import Deployment
from simulator.configuration.overrides import deployment_members as entries
from simulator.configuration.overrides import setting_members as fields
from simulator.configuration.overrides.deployment_members import Entry, EntryPatch
from simulator.configuration.settings import Settings
from simulator.errors import InvalidRequest
from simulator.wire.body import Body

READ_ONLY = ("azure_openai_endpoint", "kept_in", "secrets")
"""Members of the document that a change may repeat, but not change."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings, and the deployments by name."""

    settings: Settings
    deployments: Mapping[str, Deployment]


class Overrides(msgspec.Struct, frozen=True):
    """The differences from the start-up configuration: settings by their dotted names, and
    deployments, each with all its fields; None for one that is removed.
    """

    settings: dict[str, str | float | bool | list[str]] = {}
    deployments: dict[str, dict[str, str | int] | None] = {}


NO_CHANGES = Overrides()


@dataclass(frozen=True, slots=True)
class Patch:
    """A requested change, in the same terms; a setting that is None returns to its start-up value,
    and `forgetful` takes all deployments back first.
    """

    settings: Mapping[str, object]
    deployments: Mapping[str, Entry | None]
    forgetful: bool = False
    repeated: Mapping[str, object] = field(default_factory=dict[str, object])
    """The members of `READ_ONLY` that the request has."""

    @property
    def names(self) -> tuple[str, ...]:
        """The settings and deployments that the request names, in the document's terms."""
        all_of_them = (entries.MEMBER,) if self.forgetful else ()
        deployments = (f"{entries.MEMBER}.{name}" for name in self.deployments)
        return (*self.settings, *all_of_them, *deployments)


NOTHING = Patch({}, {})


_BODY = Body(
    fields.patch_type(
        **{entries.MEMBER: dict[str, EntryPatch | None]}, **dict.fromkeys(READ_ONLY, object)
    )
)


def read_patch(body: bytes) -> Patch:
    """The patch in a request's body; `InvalidRequest` names what is not of the document's form."""
    _BODY.decode(body)
    document: dict[str, object] = msgspec.json.decode(body)
    deployments = document.get(entries.MEMBER, {})
    return Patch(
        settings=dict(fields.members_in(document)),
        deployments=cast("dict[str, Entry | None]", deployments or {}),
        forgetful=deployments is None,
        repeated={name: document[name] for name in READ_ONLY if name in document},
    )


def check_repeated(patch: Patch, document: Mapping[str, object]) -> None:
    """`InvalidRequest` names a member that cannot be changed, and is another one in the patch."""
    for name, value in patch.repeated.items():
        if value != document[name]:
            raise InvalidRequest(
                f"'{name}' cannot be changed at run time.", param=name, code="read_only"
            )


def configured(start: Configuration, changes: Overrides) -> Configuration:
    """The configuration with the changes; `InvalidRequest` names the first that is not allowed."""
    unknown = next((name for name in changes.settings if name not in fields.FIELDS), None)
    if unknown is not None:
        raise InvalidRequest(f"Unknown parameter: '{unknown}'.", param=unknown)
    settings = fields.changed(start.settings, changes.settings)
    _check_upstream(settings)
    deployments = entries.replaced(start.deployments, changes.deployments)
    return Configuration(settings, deployments)


def patched(start: Configuration, changes: Overrides, patch: Patch) -> Overrides:
    """The changes and the patch's. Raises as `configured`.

    What is then as at the start is no change any more, so that a whole document that is sent back
    with one figure changed is a change of that figure.
    """
    values = {**changes.settings, **patch.settings}
    wanted: dict[str, Entry | None] = {} if patch.forgetful else {**changes.deployments}
    for name, entry in patch.deployments.items():
        wanted[name] = (
            None if entry is None else entries.revised(_before(start, wanted, name), entry)
        )
    revised = msgspec.convert(
        {"settings": {n: v for n, v in values.items() if v is not None}, "deployments": wanted},
        Overrides,
    )
    return _real(start, revised, configured(start, revised))


def _before(start: Configuration, wanted: Mapping[str, Entry | None], name: str) -> Entry:
    if name in wanted:
        return wanted[name] or {}
    deployment = start.deployments.get(name)
    return entries.entry_of(deployment) if deployment else {}


def _real(start: Configuration, changes: Overrides, result: Configuration) -> Overrides:
    before, after = fields.values_of(start.settings), fields.values_of(result.settings)
    return Overrides(
        {name: value for name, value in changes.settings.items() if before[name] != after[name]},
        {
            name: entry
            for name, entry in changes.deployments.items()
            if start.deployments.get(name) != result.deployments.get(name)
        },
    )


def _check_upstream(settings: Settings) -> None:
    if settings.upstream_endpoint:
        return
    forwards = settings.mode == "replay" and settings.replay_miss == "forward"
    if settings.mode == "record" or forwards:
        name = "replay.miss" if forwards else "simulator_mode"
        raise InvalidRequest(
            f"Invalid value for '{name}': it needs an upstream, and AZURE_OPENAI_ENDPOINT is not "
            "set. Set it, and restart the simulator.",
            param=name,
            code="invalid_value",
        )
