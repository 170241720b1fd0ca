"""The fleet file: `{"resources": {NAME: {…}}, "quotas": {NAME: {…}}, "timeline": [{"at": …}, …]}`."""

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import UNSET

from simulator.authentication.resource_keys import ResourceKeys
from simulator.catalogue.deployment_file import read_object
from simulator.catalogue.models import UnknownModel, find_model
from simulator.configuration.setting_fields import check_address
from simulator.configuration.settings import without_api_path
from simulator.errors import InvalidRequest
from simulator.fleet.checks import check
from simulator.fleet.errors import FleetError, converted
from simulator.fleet.fields import (
    LARGEST,
    NAME_PATTERN,
    EntryFields,
    FleetFields,
    QuotaChange,
    QuotaFields,
    RepeatFields,
    ResourceFields,
    UpstreamFields,
)
from simulator.fleet.quotas import region_name
from simulator.fleet.resource import FleetResource, FleetRules
from simulator.fleet.state import Base, FleetFile, read_deployments
from simulator.fleet.timeline import NEVER, Change, Entry, Timeline
from simulator.json_schema.json_values import is_object, nests_deeply
from simulator.rules.document import read_rules
from simulator.rules.rule import Rule
from simulator.suggestions import did_you_mean
from simulator.upstream.credentials import ApiKey
from simulator.upstream.resource_upstream import ResourceUpstream

_MEMBERS = ("deployments", "rules", "latency")
_NAME = re.compile(NAME_PATTERN)


def read_fleet(data: bytes, operations: Collection[str] = ()) -> FleetFile:
    """Return the resources and the timeline of a file. Rules are for the `operations` of these names;
    without any, names of operations are not checked. Raises `FleetError`, of which the text is one line
    with the place."""
    if len(data) > LARGEST:
        raise FleetError("the file", f"larger than {LARGEST} bytes")
    try:
        raw = read_object(data, "resources and a timeline")
    except ValueError as error:
        raise FleetError("the file", str(error)) from None
    if nests_deeply(raw):
        raise FleetError("the file", "nested too deeply")
    fields = converted(raw, FleetFields, "")
    resources = {name: _base(name, value) for name, value in fields.resources.items()}
    quotas = {name: _quota(name, value, resources) for name, value in fields.quotas.items()}
    entries = [
        _entry(index, value, resources, quotas) for index, value in enumerate(fields.timeline)
    ]
    file = FleetFile(resources, quotas, Timeline(entries))
    check(file, operations)
    return file


def _base(name: str, value: object) -> Base:
    place = f"resource {name[:80]!r}"
    if not _NAME.fullmatch(name):
        raise FleetError(
            place, "a name is a letter, then letters, digits and '-', all lower-case, 63 at most"
        )
    fields = converted(value, ResourceFields, place)
    resource = FleetResource(
        name,
        fields.region or "",
        keys=None if fields.keys is None else ResourceKeys(fields.keys),
        rules=FleetRules(_rules(fields.rules, name, place)),
        upstream=_upstream(fields.upstream, place),
    )
    if fields.deployments is not None:
        deployments = read_deployments(fields.deployments, resource)
        resource = dataclasses.replace(resource, deployments=deployments)
    return Base(resource, fields.subscription, fields.deployments, fields.latency)


def _upstream(fields: UpstreamFields | None, place: str) -> ResourceUpstream | None:
    if fields is None:
        return None
    try:
        if not fields.endpoint.startswith(("https://", "http://")):
            raise ValueError(fields.endpoint)
        check_address(fields.endpoint)
    except ValueError:
        raise FleetError(
            f"{place}: upstream.endpoint",
            f"found {fields.endpoint[:80]!r}, expected an address such as https://NAME.openai.azure.com",
        ) from None
    endpoint = without_api_path(fields.endpoint)
    return ResourceUpstream(endpoint, None if fields.key is None else ApiKey(fields.key))


def _rules(raw: Sequence[object], resource: str, place: str) -> tuple[Rule, ...]:
    """The rules, each for requests to the resource alone."""
    own = [_for_resource(one, resource, f"{place}: rules[{at}]") for at, one in enumerate(raw)]
    try:
        return tuple(read_rules(own, prefix=f"fleet-{resource}-rule"))
    except InvalidRequest as error:
        raise FleetError(place, error.message) from None


def _for_resource(raw: object, resource: str, place: str) -> object:
    if not is_object(raw):
        return raw
    when = raw.get("when", {})
    if not is_object(when):
        return raw
    if "resource" in when:
        raise FleetError(place, "when.resource: a rule of a resource is for that resource alone")
    return {**raw, "when": {**when, "resource": resource}}


def _quota(name: str, value: object, resources: Mapping[str, Base]) -> QuotaFields:
    place = f"quota {name[:80]!r}"
    quota = converted(value, QuotaFields, place)
    try:
        quota = msgspec.structs.replace(quota, model=find_model(quota.model).name)
    except UnknownModel as error:
        raise FleetError(f"{place}: model", str(error)) from None
    there = [
        one
        for one in resources.values()
        if region_name(one.resource.region) == region_name(quota.region)
    ]
    if not there:
        regions = sorted({one.resource.region for one in resources.values() if one.resource.region})
        problem = f"no resource is in {quota.region!r}; {did_you_mean(quota.region, regions)}"
        raise FleetError(f"{place}: region", problem)
    subscriptions = {one.subscription for one in there}
    if quota.subscription not in subscriptions:
        meant = did_you_mean(quota.subscription, sorted(subscriptions))
        problem = f"{quota.subscription!r} has no resource in {quota.region!r}; {meant}"
        raise FleetError(f"{place}: subscription", problem)
    return quota


def _entry(
    index: int,
    value: object,
    resources: Mapping[str, Base],
    quotas: Mapping[str, QuotaFields],
) -> Entry:
    place = f"timeline[{index}]"
    fields = converted(value, EntryFields, place)
    names = _names(fields.resource)
    _check_known(f"{place}: resource", names, resources)
    changed = frozenset(name for name in _MEMBERS if getattr(fields, name) is not UNSET)
    _check_purpose(place, fields, names, changed)
    every, times = _repetition(fields.repeat)
    return Entry(
        position=index,
        at=fields.at,
        over=fields.over,
        every=every,
        times=times,
        changes=tuple(_change(name, fields, changed, place, resources[name]) for name in names),
        quotas=_new_quotas(fields, f"{place}: quotas", quotas),
        changes_quotas=fields.quotas is not UNSET,
        shown=cast("Mapping[str, object]", value),
    )


def _new_quotas(
    fields: EntryFields, place: str, known: Collection[str]
) -> Mapping[str, int] | None:
    """The tokens per minute by name; None if quotas stay, or are again what the file begins with."""
    if fields.quotas is UNSET or fields.quotas is None:
        return None
    if not fields.quotas:
        raise FleetError(place, "it changes nothing")
    _check_known(place, fields.quotas, known)
    return {
        name: converted(change, QuotaChange, f"{place}: {name!r}").tokens_per_minute
        for name, change in fields.quotas.items()
    }


def _check_known(place: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise FleetError(place, f"found {name!r}; {did_you_mean(name, known)}")


def _names(resource: object) -> tuple[str, ...]:
    if resource is None:
        return ()
    return (resource,) if isinstance(resource, str) else tuple(cast("list[str]", resource))


def _check_purpose(
    place: str, fields: EntryFields, names: Sequence[str], changed: frozenset[str]
) -> None:
    if changed and not names:
        raise FleetError(place, "it names no resource whose deployments, rules or latency change")
    if names and not changed:
        raise FleetError(
            place, "it changes nothing of the resource: give deployments, rules or latency"
        )
    if not names and fields.quotas is UNSET:
        raise FleetError(place, "it changes nothing: give a resource, or quotas")
    if len(set(names)) < len(names):
        raise FleetError(f"{place}: resource", "a name is there twice")


def _repetition(repeat: float | RepeatFields | None) -> tuple[float, float]:
    """Every how many seconds, and how often in all."""
    if repeat is None:
        return NEVER, 1
    if isinstance(repeat, RepeatFields):
        return repeat.every, NEVER if repeat.times is None else repeat.times
    return repeat, NEVER


def _change(
    name: str, fields: EntryFields, changed: frozenset[str], place: str, base: Base
) -> Change:
    deployments = None if fields.deployments is UNSET else fields.deployments
    if deployments == {}:
        raise FleetError(f"{place}: deployments", "it changes nothing")
    if "deployments" in changed and base.deployments is None:
        raise FleetError(
            f"{place}: deployments",
            f"the resource {name!r} has no deployments of its own to change",
        )
    for deployment, entry in (deployments or {}).items():
        _check_change(f"{place}: deployments: {deployment[:80]!r}", entry)
    rules: tuple[Rule, ...] | None = None
    if fields.rules is not UNSET and fields.rules is not None:
        rules = _rules(fields.rules, name, place)
    latency = None if fields.latency is UNSET else fields.latency
    return Change(name, changed, cast("Any", deployments), latency, rules)


def _check_change(place: str, entry: object) -> None:
    if entry is not None and not is_object(entry):
        raise FleetError(place, "expected an object of fields, or null")
    if entry == {}:
        raise FleetError(place, "it changes nothing")
