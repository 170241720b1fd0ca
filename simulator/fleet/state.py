"""The fleet at a moment of the scenario's clock: the file, with what the timeline has changed."""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import msgspec

from simulator.catalogue.deployment_file import DeploymentFileError, deployments_of
from simulator.catalogue.deployments import Deployment
from simulator.catalogue.field_error import FieldError
from simulator.catalogue.latency_fields import read_latency
from simulator.fleet.errors import FleetError
from simulator.fleet.fields import QuotaFields
from simulator.fleet.quotas import with_quotas
from simulator.fleet.ramp import Ramp, at_moment, on_its_way
from simulator.fleet.resource import FleetResource, FleetRules, Resources
from simulator.fleet.timeline import Beginning, Change, Timeline
from simulator.json_schema.json_values import is_object
from simulator.latency import OwnLatency
from simulator.rules.rule import Rule

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Base:
    """A resource as the file begins with it, and its deployments as entries of a deployment file."""

    resource: FleetResource
    subscription: str
    deployments: Mapping[str, Any] | None
    latency: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FleetFile:
    """A fleet file that has been read."""

    resources: Mapping[str, Base]
    quotas: Mapping[str, QuotaFields] = field(default_factory=dict[str, QuotaFields])
    timeline: Timeline = field(default_factory=Timeline)

    @property
    def subscriptions(self) -> Mapping[str, str]:
        """The subscription of each resource."""
        return {name: base.subscription for name, base in self.resources.items()}

    def deployments_of(self, resource: str) -> Collection[str] | None:
        """The names of all deployments that the resource has at some moment; None if the file gives it
        none.
        """
        begun = self.resources[resource].deployments
        if begun is None:
            return None
        changes = [change for entry in self.timeline.entries for change in entry.changes]
        added = (
            name
            for change in changes
            if change.resource == resource
            for name, entry in (change.deployments or {}).items()
            if is_object(entry) and "model" in entry
        )
        return dict.fromkeys([*begun, *added])


@dataclass(slots=True)
class _Draft:
    """A resource while changes are applied to it."""

    deployments: Json | None
    latency: object
    rules: tuple[Rule, ...]
    since: float | None = None
    ramps: dict[int, Ramp] = field(default_factory=dict[int, Ramp])


def resources_at(file: FleetFile, moment: float, known: Resources) -> Resources:
    """The resources at a moment; those that are as in `known` are the very same objects. Raises
    `FleetError`.
    """
    drafts = {name: _begun(base) for name, base in file.resources.items()}
    quotas: Json = {name: quota.tokens_per_minute for name, quota in file.quotas.items()}
    for one in file.timeline.begun(moment):
        _apply(one, file, drafts, quotas)
    built = {name: _built(file.resources[name], draft, moment) for name, draft in drafts.items()}
    shared = with_quotas(file.quotas, file.subscriptions, built, at_moment(quotas, moment))
    return {name: _same(known.get(name), one) for name, one in shared.items()}


def _begun(base: Base) -> _Draft:
    deployments = None if base.deployments is None else dict(base.deployments)
    return _Draft(deployments, base.latency, base.resource.rules.rules)


def _apply(one: Beginning, file: FleetFile, drafts: Mapping[str, _Draft], quotas: Json) -> None:
    entry = one.entry
    for change in entry.changes:
        draft, base = drafts[change.resource], file.resources[change.resource]
        if "deployments" in change.changed:
            draft.deployments = _deployments(draft, base, change, one)
        if "latency" in change.changed:
            wanted = base.latency if change.latency is None else change.latency
            draft.latency = on_its_way(draft.latency, wanted, one.moment, entry.over)
        if "rules" in change.changed:
            _change_rules(draft, base, change, one)
    if not entry.changes_quotas:
        return
    if entry.quotas is None:
        quotas.update({name: quota.tokens_per_minute for name, quota in file.quotas.items()})
    for name, target in (entry.quotas or {}).items():
        quotas[name] = on_its_way(quotas[name], target, one.moment, entry.over)


def _deployments(draft: _Draft, base: Base, change: Change, one: Beginning) -> Json | None:
    if change.deployments is None:
        return None if base.deployments is None else dict(base.deployments)
    merged: Json = dict(draft.deployments or {})
    for name, fields in change.deployments.items():
        if fields is None:
            merged.pop(name, None)
            continue
        before = cast("Json", merged.get(name, {}))
        changed = cast("Json", on_its_way(before, fields, one.moment, one.entry.over))
        whole = {**before, **changed}
        merged[name] = {field: value for field, value in whole.items() if value is not None}
    return merged


def _change_rules(draft: _Draft, base: Base, change: Change, one: Beginning) -> None:
    """Replace the rules; their probabilities begin at those of the rules of the same names before."""
    if change.rules is None:
        draft.rules, draft.since, draft.ramps = base.resource.rules.rules, None, {}
        return
    before = {
        rule.name: draft.ramps[index].at(one.moment) if index in draft.ramps else _share(rule)
        for index, rule in enumerate(draft.rules)
    }
    draft.rules, draft.since, draft.ramps = change.rules, one.moment, {}
    if one.entry.over:
        draft.ramps = {
            index: Ramp(before.get(rule.name, 0.0), _share(rule), one.moment, one.entry.over)
            for index, rule in enumerate(change.rules)
        }


def _share(rule: Rule) -> float:
    return 1.0 if rule.fields.probability is None else rule.fields.probability


def _built(base: Base, draft: _Draft, moment: float) -> FleetResource:
    rules = tuple(
        _with_share(rule, draft.ramps[index].at(moment)) if index in draft.ramps else rule
        for index, rule in enumerate(draft.rules)
    )
    entries = draft.deployments and cast("Json", at_moment(draft.deployments, moment))
    return dataclasses.replace(
        base.resource,
        rules=FleetRules(rules, draft.since),
        deployments=_deployments_of(entries, base),
        latency=_latency(at_moment(draft.latency, moment), base.resource.name),
    )


def _deployments_of(entries: Json | None, base: Base) -> Mapping[str, Deployment] | None:
    """The deployments of these entries; those that the file begins with have been read already."""
    if entries is None or entries == base.deployments:
        return base.resource.deployments
    return read_deployments(entries, base.resource)


def _latency(raw: object, resource: str) -> OwnLatency | None:
    if raw is None:
        return None
    try:
        return read_latency(raw)
    except FieldError as error:
        place = error.within("latency").field
        raise FleetError(f"resource {resource!r}: {place}", error.problem) from None


def _with_share(rule: Rule, share: float) -> Rule:
    """The rule with another probability, which is counted as before."""
    fields = msgspec.structs.replace(rule.fields, probability=share)
    return dataclasses.replace(rule, fields=fields)


def read_deployments(
    entries: Mapping[str, Any], resource: FleetResource
) -> Mapping[str, Deployment]:
    """The deployments of a resource. No tokens at all are a limit here: one that is cut to nothing."""
    closed = {name for name, entry in entries.items() if _is_closed(entry)}
    open_ = {
        name: {**entry, "tokensPerMinute": 1} if name in closed else entry
        for name, entry in entries.items()
    }
    try:
        parsed = deployments_of(open_, f"resource {resource.name!r}")
    except DeploymentFileError as error:
        place, _, problem = str(error).partition(": ")
        raise FleetError(place, problem) from None
    return {
        name: dataclasses.replace(
            one,
            resource=resource.name,
            region=resource.region,
            tokens_per_minute=0 if name in closed else one.tokens_per_minute,
        )
        for name, one in parsed.items()
    }


def _is_closed(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    tokens = cast("dict[str, object]", entry).get("tokensPerMinute")
    return isinstance(tokens, int) and not isinstance(tokens, bool) and tokens == 0


def _same(before: FleetResource | None, after: FleetResource) -> FleetResource:
    """The resource before, if it is the same; else the new one with the deployments that are."""
    if before is None:
        return after
    if before == after:
        return before
    if before.deployments is None or after.deployments is None:
        return after
    kept = {
        name: before.deployments[name] if before.deployments.get(name) == one else one
        for name, one in after.deployments.items()
    }
    return dataclasses.replace(after, deployments=kept)


def last_moment(timeline: Timeline) -> float:
    """The moment from which nothing changes any more; infinite for what repeats without an end."""
    ends = [
        entry.moment_of(int(entry.times)) + entry.over if math.isfinite(entry.times) else math.inf
        for entry in timeline.entries
    ]
    return max(ends, default=math.inf)
