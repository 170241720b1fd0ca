"""Checks of a fleet file as a whole, beyond the form of its members."""

from collections.abc import Collection, Iterator, Mapping

from simulator.errors import InvalidRequest
from simulator.fleet.errors import FleetError
from simulator.fleet.fields import QuotaFields
from simulator.fleet.quotas import Pool, pool_of, pools_of
from simulator.fleet.resource import FleetResource
from simulator.fleet.state import FleetFile, resources_at
from simulator.fleet.timeline import Entry, beginnings
from simulator.rules.document import MOST_RULES, check_patterns
from simulator.rules.operation_names import check_operations
from simulator.rules.rule import Rule
from simulator.suggestions import did_you_mean

Names = Collection[str]

_CHECKED = 2_000
"""Beginnings of entries whose outcome is checked when the file is read."""


def check(file: FleetFile, operations: Collection[str]) -> None:
    """Raises `FleetError`. Rules are for the `operations` of these names; without any, names of
    operations are not checked.
    """
    _check_bounds(file)
    deployments = {name: file.deployments_of(name) for name in file.resources}
    _check_rules(file, operations, deployments)
    for entry in file.timeline.entries:
        _check_ramp(entry)
        _check_changes(entry, deployments)
    _check_apart(file)
    _check_states(file)


def _placed_rules(file: FleetFile) -> Iterator[tuple[str, str, tuple[Rule, ...]]]:
    """Yield each place with rules, the resource that they are for, and the rules."""
    for name, one in file.resources.items():
        yield f"resource {name!r}", name, one.resource.rules.rules
    for entry in file.timeline.entries:
        for change in entry.changes:
            yield f"timeline[{entry.position}]", change.resource, change.rules or ()


def _check_bounds(file: FleetFile) -> None:
    rules = [rule for _, _, some in _placed_rules(file) for rule in some]
    if len(rules) > MOST_RULES:
        raise FleetError("the file", f"more than {MOST_RULES} rules in all")
    try:
        check_patterns(rule.fields for rule in rules)
    except InvalidRequest as error:
        raise FleetError("the file", error.message) from None


def _check_rules(
    file: FleetFile, operations: Collection[str], deployments: Mapping[str, Names | None]
) -> None:
    for place, resource, rules in _placed_rules(file):
        try:
            if operations:
                check_operations(rules, operations)
        except InvalidRequest as error:
            raise FleetError(place, error.message) from None
        for rule in rules:
            _check_deployments(place, rule, deployments[resource])


def _check_deployments(place: str, rule: Rule, known: Names | None) -> None:
    """A rule that is for none of the resource's deployments would never act."""
    named = rule.fields.when.deployment
    wanted = [named] if isinstance(named, str) else named
    if known is None or not wanted or set(wanted) & set(known):
        return
    found = f"found {wanted[0][:80]!r}; {did_you_mean(wanted[0], known)}"
    raise FleetError(f"{place}: rule {rule.name!r}: when.deployment", found)


def _check_ramp(entry: Entry) -> None:
    if entry.over > entry.every:
        raise FleetError(
            f"timeline[{entry.position}]: over",
            f"{entry.over:g} s are longer than the {entry.every:g} s after which it repeats",
        )


def _check_changes(entry: Entry, deployments: Mapping[str, Names | None]) -> None:
    place = f"timeline[{entry.position}]: deployments"
    for change in entry.changes:
        known = deployments[change.resource] or ()
        for name in change.deployments or {}:
            if name not in known:
                raise FleetError(place, f"found {name[:80]!r}; {did_you_mean(name, known)}")


def _check_states(file: FleetFile) -> None:
    """Build the fleet as it is at the beginning and after each of the first changes."""
    known = resources_at(file, -1.0, {})
    _check_allotments(file, known)
    drawn_on = _drawn_on(file, known)
    checked: set[int] = set()
    for one in beginnings(file.timeline, _CHECKED):
        if one.entry.position in checked and len(checked) == len(file.timeline.entries):
            break
        checked.add(one.entry.position)
        try:
            known = resources_at(file, one.moment + one.entry.over, known)
        except FleetError as error:
            raise FleetError(f"timeline[{one.entry.position}]", str(error)) from None
        drawn_on |= _drawn_on(file, known)
    for name, quota in file.quotas.items():
        if name not in drawn_on:
            _refuse_unused(file, name, quota)


def _drawn_on(file: FleetFile, resources: Mapping[str, FleetResource]) -> set[str]:
    """The quotas of whose model there is a deployment."""
    pools = pools_of(file.subscriptions, resources)
    return {name for name, quota in file.quotas.items() if pool_of(quota) in pools}


def _refuse_unused(file: FleetFile, name: str, quota: QuotaFields) -> None:
    there = {
        one.model.name
        for resource in file.resources.values()
        for one in (resource.resource.deployments or {}).values()
    }
    problem = f"no deployment of {quota.model!r} in {quota.region!r} draws on it"
    raise FleetError(f"quota {name!r}: model", f"{problem}; {did_you_mean(quota.model, there)}")


def _check_apart(file: FleetFile) -> None:
    seen: dict[Pool, str] = {}
    for name, quota in file.quotas.items():
        first = seen.setdefault(pool_of(quota), name)
        if first != name:
            problem = f"it is for the same subscription, region and model as {first!r}"
            raise FleetError(f"quota {name!r}", problem)


def _check_allotments(file: FleetFile, resources: Mapping[str, FleetResource]) -> None:
    pools = pools_of(file.subscriptions, resources)
    for name, quota in file.quotas.items():
        allotted = sum(
            one.tokens_per_minute or 0 for one in pools.get(pool_of(quota), ()) if not one.quota
        )
        if allotted > quota.tokens_per_minute:
            problem = f"its deployments are given {allotted} of {quota.tokens_per_minute} tokens"
            raise FleetError(f"quota {name!r}: tokensPerMinute", problem)
