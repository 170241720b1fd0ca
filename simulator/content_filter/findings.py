"""Findings of the content filter, and the results that answers and refusals show of them."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from msgspec import Struct, structs

from simulator.catalogue.content_filter import (
    BLOCKLISTS,
    HARMS,
    LIST_NAME,
    LONGEST_NAME,
    MOST_LISTS,
    SEVERITIES,
    Source,
    problem_with,
)
from simulator.json_schema.json_values import is_array, is_object
from simulator.suggestions import did_you_mean

USUAL_SEVERITY = "medium"
"""The lowest severity that the default filter blocks: what `true` says of a harm."""
_SAFE = {"filtered": False, "severity": "safe"}
_UNDETECTED = {"detected": False, "filtered": False}
_PII = "personally_identifiable_information"
_LONGEST_CITED = 500
_CITATION = {"URL": "https://github.com/example/project", "license": "MIT"}


class Finding(Struct, frozen=True):
    """A category that was found; it blocks if it is `filtered`, else it is annotated alone.

    Harms have a severity, blocklists their names, protected code a citation.
    """

    category: str
    filtered: bool = True
    severity: str = ""
    names: tuple[str, ...] = ()
    citation: Mapping[str, str] | None = None

    @property
    def label(self) -> str:
        """The finding in a word, for the log and the journal."""
        detail = self.severity or ", ".join(self.names)
        return f"{self.category}={detail}" if detail else self.category


Findings = tuple[Finding, ...]


def findings_of(raw: Mapping[str, object], source: Source, *, filtered: bool) -> Findings:
    """Return the findings of an object of categories; raises `ValueError` with the category and the
    reason."""
    return tuple(finding_of(name, value, source, filtered=filtered) for name, value in raw.items())


def finding_of(category: str, value: object, source: Source, *, filtered: bool) -> Finding:
    if problem := problem_with(category, source):
        raise ValueError(category, problem)
    if category in HARMS:
        return Finding(category, filtered, _severity(category, value, filtered=filtered))
    if category == BLOCKLISTS:
        return Finding(category, filtered, names=_names(category, value))
    if category == "protected_material_code":
        return Finding(category, filtered, citation=_citation(category, value))
    if value is not True:
        raise ValueError(category, "it has no severity: expected true")
    return Finding(category, filtered)


def _severity(category: str, value: object, *, filtered: bool) -> str:
    if value is True:
        return USUAL_SEVERITY
    allowed = SEVERITIES if filtered else ("safe", *SEVERITIES)
    if value not in allowed:
        hint = did_you_mean(value if isinstance(value, str) else "", allowed)
        raise ValueError(category, f"not a severity, nor true; {hint}")
    return cast("str", value)


def _names(category: str, value: object) -> tuple[str, ...]:
    names = value if is_array(value) else (value,)
    good = all(isinstance(one, str) and LIST_NAME.fullmatch(one) for one in names)
    if not good or not 0 < len(names) <= MOST_LISTS:
        raise ValueError(
            category,
            f"expected names of blocklists, {MOST_LISTS} at most, of {LONGEST_NAME} characters at most",
        )
    return tuple(cast("Iterable[str]", names))


def _citation(category: str, value: object) -> Mapping[str, str]:
    if value is True:
        return _CITATION
    members = value.get("citation") if is_object(value) and len(value) == 1 else None
    if not is_object(members) or not members.keys() <= _CITATION.keys():
        raise ValueError(category, 'expected true, or {"citation": {"URL": ..., "license": ...}}')
    if not all(isinstance(one, str) and len(one) <= _LONGEST_CITED for one in members.values()):
        raise ValueError(category, f"a citation has texts of {_LONGEST_CITED} characters at most")
    return cast("Mapping[str, str]", members)


def merged(*groups: Iterable[Finding]) -> Findings:
    """Return one finding for each category: one that blocks, else the first."""
    found: dict[str, Finding] = {}
    for finding in (one for group in groups for one in group):
        known = found.setdefault(finding.category, finding)
        if finding.category == BLOCKLISTS:
            names = tuple(dict.fromkeys((*known.names, *finding.names)))
            blocks = known.filtered or finding.filtered
            found[BLOCKLISTS] = structs.replace(known, names=names, filtered=blocks)
        elif finding.filtered and not known.filtered:
            found[finding.category] = finding
    return tuple(found.values())


def labels(findings: Iterable[Finding]) -> str:
    return ", ".join(one.label for one in findings if one.filtered)


def prompt_results(findings: Iterable[Finding]) -> dict[str, Any]:
    """All results of a prompt, as refusals have them."""
    safe: dict[str, Any] = {**dict.fromkeys(HARMS, _SAFE), "jailbreak": _UNDETECTED}
    return with_findings(safe, findings, "prompt")


def harmless_results() -> dict[str, Any]:
    """The results of a part of an answer in which nothing was found."""
    return dict.fromkeys(HARMS, _SAFE)


def with_findings(
    results: Mapping[str, Any], findings: Iterable[Finding], source: Source
) -> dict[str, Any]:
    """Return the results with the findings in them, sorted."""
    found = dict(_result(finding, source) for finding in findings)
    return dict(sorted({**results, **found}.items()))


def _result(finding: Finding, source: Source) -> tuple[str, object]:
    if finding.severity:
        return finding.category, {"filtered": finding.filtered, "severity": finding.severity}
    if finding.category == BLOCKLISTS:
        lists = [{"filtered": finding.filtered, "id": name} for name in finding.names]
        # A prompt's has details, a completion's is a list (Microsoft's page, 2026-03).
        whole = {"details": lists, "filtered": finding.filtered}
        return BLOCKLISTS, whole if source == "prompt" else lists
    detected: dict[str, object] = {"detected": True, "filtered": finding.filtered}
    if finding.category == "pii":
        # OpenAPI document v1; the sub-category is our choice.
        sub = {"sub_category": "Email", **detected, "redacted": False}
        return _PII, {**detected, "sub_categories": [sub]}
    if finding.citation is not None:
        return finding.category, {"citation": dict(finding.citation), **detected}
    return finding.category, detected
