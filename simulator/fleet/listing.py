"""The resources and the timeline of a fleet as tables for people."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

from simulator.fleet.resource import Resources
from simulator.fleet.state import FleetFile, last_moment, resources_at
from simulator.fleet.timeline import Change, Entry
from simulator.text_table import aligned

_HEADINGS = ("at", "resource", "what changes", "over", "again")
_OF_QUOTAS = ("quota", "subscription", "region", "model", "tokens per minute")
_NAMED = 3


def listing(file: FleetFile) -> list[str]:
    """The lines of the tables, and when the scenario ends."""
    lines = [*aligned([("resource", "region", "deployments"), *_rows(file)])]
    if file.quotas:
        lines += ["", *aligned([_OF_QUOTAS, *_quota_rows(file)])]
    entries = file.timeline.entries
    if not entries:
        return [*lines, "", "no timeline"]
    rows = [row for entry in sorted(entries, key=lambda one: one.at) for row in _entry(entry)]
    end = last_moment(file.timeline)
    last = "it repeats without an end" if end == math.inf else f"it ends at {_clock(end)}"
    return [*lines, "", *aligned([_HEADINGS, *rows]), last]


def _rows(file: FleetFile) -> Iterator[tuple[str, ...]]:
    resources: Resources = resources_at(file, -1.0, {})
    for name, resource in resources.items():
        deployments = resource.deployments
        shown = "those of the start" if deployments is None else ", ".join(deployments) or "none"
        yield name, resource.region or "that of SIMULATOR_REGION", shown


def _quota_rows(file: FleetFile) -> Iterator[tuple[str, ...]]:
    for name, one in file.quotas.items():
        yield name, one.subscription, one.region, one.model, str(one.tokens_per_minute)


def _entry(entry: Entry) -> Iterator[tuple[str, ...]]:
    over = f"{entry.over:g} s" if entry.over else ""
    again = "" if entry.every == math.inf else f"every {entry.every:g} s"
    if again and entry.times != math.inf:
        again += f", {entry.times:g} times"
    for change in entry.changes:
        yield _clock(entry.at), change.resource, "; ".join(_changes(change)), over, again
    if entry.changes_quotas:
        what = "; ".join(_tokens(entry.quotas))
        yield _clock(entry.at), "", f"quotas: {what}", over, again


def _changes(change: Change) -> Iterator[str]:
    if "deployments" in change.changed:
        if change.deployments is None:
            yield "deployments as in the file"
        for name, fields in (change.deployments or {}).items():
            yield f"{name}: removed" if fields is None else f"{name}: {_members(fields)}"
    if "latency" in change.changed:
        given = change.latency
        yield "latency as in the file" if given is None else f"latency: {_members(given)}"
    if "rules" in change.changed:
        yield _rules(change)


def _rules(change: Change) -> str:
    if change.rules is None:
        return "rules as in the file"
    names = [rule.name for rule in change.rules]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"rules: {', '.join(names[:_NAMED]) or 'none'}{more}"


def _tokens(quotas: Mapping[str, object] | None) -> Iterator[str]:
    if quotas is None:
        yield "as in the file"
    for name, tokens in (quotas or {}).items():
        yield f"{name} {tokens} tokens per minute"


def _members(fields: object) -> str:
    members = cast("Mapping[str, Any]", fields)
    return ", ".join(f"{name} {_written(value)}" for name, value in members.items())


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _clock(seconds: float) -> str:
    """A moment as hours, minutes and seconds."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    padding = "0" if rest < 10 else ""
    return f"{hours}:{minutes:02}:{padding}{rest:g}"
