"""Latency by operation, model and deployment: the profile that a setting names, and what is above it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from simulator.catalogue.deployments import Deployment
from simulator.catalogue.field_error import FieldError
from simulator.catalogue.latency_fields import (
    LatencyFields,
    latency_of,
    read_latency,
)
from simulator.catalogue.models import UnknownModel, find_model
from simulator.errors import StartError
from simulator.latency import AT_ONCE, Demand, LogNormal, OwnLatency, Profile, Tempo
from simulator.type_problems import in_document

LARGEST = 8 * 2**20
"""Bytes of a profile's file."""
_CALM = 1.5
"""The 95th percentile of an expedited first token, in medians (reported by a user, 2026-06)."""


class ProfileError(StartError):
    """A latency profile that cannot be used; the text is one line with the place."""


@dataclass(frozen=True, slots=True)
class LatencyProfile:
    """Latencies by the names of deployments and models; `expedited` are those of models with
    provisioned throughput, and `priority` with priority processing.
    """

    models: Mapping[str, OwnLatency] = field(default_factory=dict[str, OwnLatency])
    deployments: Mapping[str, OwnLatency] = field(default_factory=dict[str, OwnLatency])
    provisioned: Mapping[str, OwnLatency] = field(default_factory=dict[str, OwnLatency])
    priority: Mapping[str, OwnLatency] = field(default_factory=dict[str, OwnLatency])

    def of(self, deployment: Deployment, *, expedited: bool) -> OwnLatency | None:
        model = deployment.model.name
        own = self.deployments.get(deployment.name) or self.models.get(model)
        if not expedited or deployment.name in self.deployments:
            return own
        faster = self.provisioned if deployment.provisioned else self.priority
        return faster.get(model, own)


CLASSIC = LatencyProfile()


@dataclass(frozen=True, slots=True)
class LatencyTable:
    """The latency in force. `operations` is that of each operation, `profile` goes above it, then
    `own` (of a fleet's resource), then the deployment's; the `factor` is of everything.
    """

    operations: Mapping[str, Profile]
    profile: LatencyProfile = CLASSIC
    own: OwnLatency | None = None
    factor: float = 1.0

    def draw(
        self, operation: str, deployment: Deployment | None, demand: Demand, rng: random.Random
    ) -> Tempo:
        """The tempo of a request, before its rules and the factor."""
        tempo = self.usual(operation, rng)
        if deployment is None:
            return tempo
        layers = (
            self.profile.of(deployment, expedited=demand.expedited),
            self.own,
            deployment.latency,
        )
        whole: OwnLatency | None = None
        for layer in layers:
            if layer is not None:
                whole = layer if whole is None else layer.over(whole)
        return tempo if whole is None else whole.of(tempo, demand, rng)

    def usual(self, operation: str, rng: random.Random) -> Tempo:
        """The tempo of a request to an operation, where no more than that decides."""
        base = self.operations.get(operation)
        return AT_ONCE if base is None else base.draw(rng)

    def concerns(self, deployment: Deployment) -> bool:
        """Return True if more than the operation decides on requests to the deployment."""
        if self.profile is CLASSIC and self.own is None:
            return deployment.latency is not None
        return True

    def loaded(self, deployment: Deployment) -> bool:
        """Return True if requests to the deployment slow each other down."""
        if self.own is not None and self.own.load is not None:
            return True
        if deployment.latency is not None and deployment.latency.load is not None:
            return True
        profile = self.profile.of(deployment, expedited=False)
        return profile is not None and profile.load is not None


class _Row(LatencyFields, frozen=True):
    measured: str = ""


_Speeds = dict[str, Annotated[float, Meta(gt=0)]]


class _Realistic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    date: str
    sources: dict[str, str]
    provisioned_tokens_per_second: _Speeds
    priority_tokens_per_second: _Speeds
    models: dict[str, _Row]


def realistic() -> LatencyProfile:
    """The profile of the catalogue: measured where there are measurements, chosen elsewhere."""
    data = Path(__file__).with_name("latency.json").read_bytes()
    file = msgspec.json.decode(data, type=_Realistic)
    models = {name: latency_of(row, {}) for name, row in file.models.items()}
    return LatencyProfile(
        models,
        provisioned=_expedited(models, file.provisioned_tokens_per_second),
        priority=_expedited(models, file.priority_tokens_per_second),
    )


def _expedited(
    models: Mapping[str, OwnLatency], speeds: Mapping[str, float]
) -> Mapping[str, OwnLatency]:
    """The latencies of models whose tokens come at the promised speed, or at their own if that is
    greater, and whose first token varies less.
    """
    faster: dict[str, OwnLatency] = {}
    for name, speed in speeds.items():
        own = models[name]
        first, between = own.first, own.between
        if isinstance(first, LogNormal) and isinstance(between, LogNormal):
            p50 = min(between.p50, 1000 / speed)
            faster[name] = OwnLatency(
                LogNormal(first.p50, min(first.p95, first.p50 * _CALM)),
                LogNormal(p50, max(p50, min(between.p95, 1000 / speed))),
                prompt=own.prompt,
                cached=own.cached,
            )
    return faster


class _Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    models: dict[str, Any] = {}
    deployments: dict[str, Any] = {}
    learnt: Any = None
    """Notes of a learnt profile on itself, which nothing reads."""


def read_profile(data: bytes, source: str) -> LatencyProfile:
    """Read `{"models": {NAME: {…}}, "deployments": {NAME: {…}}}`. Raises `ProfileError`."""
    if len(data) > LARGEST:
        raise ProfileError(f"{source}: larger than {LARGEST} bytes")
    try:
        file = msgspec.json.decode(data, type=_Profile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProfileError(f"{source}: {in_document(error, _Profile)}") from None
    for name in file.models:
        _check_model(name, source)
    return LatencyProfile(
        _read(file.models, f"{source}: model"), _read(file.deployments, f"{source}: deployment")
    )


def _check_model(name: str, source: str) -> None:
    """Raises `ProfileError` for a name that no deployment's model has."""
    try:
        model = find_model(name)
    except UnknownModel as error:
        raise ProfileError(f"{source}: model {name[:80]!r}: {error}") from None
    if model.name != name:
        raise ProfileError(f"{source}: model {name[:80]!r}: did you mean {model.name!r}?")


def _read(members: Mapping[str, Any], place: str) -> Mapping[str, OwnLatency]:
    read: dict[str, OwnLatency] = {}
    for name, raw in members.items():
        try:
            read[name] = read_latency(raw)
        except FieldError as error:
            where = f"{place} {name[:80]!r}{': ' if error.field else ''}{error.field}"
            raise ProfileError(f"{where}: {error.problem}") from None
    return read
