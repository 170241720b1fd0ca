"""The members of a fleet file as people write them, with their types and bounds."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

MOST_RESOURCES = 200
MOST_ENTRIES = 1_000
MOST_QUOTAS = 1_000
LARGEST = 8 * 2**20
"""Bytes of a fleet file."""
LONGEST_SCENARIO = 31_536_000.0
"""Seconds on the scenario's clock up to which entries may stand: a year."""
NAME_PATTERN = "[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""The names of resources: what a label of a host's name may be."""

PRINTABLE = r"^[^\x00-\x1f\x7f\ud800-\udfff]*\Z"
HEADER_VALUE = r"^(?! )[^\x00-\x1f\x7f\ud800-\udfff]*(?<! )\Z"
IN_WORDS = {
    PRINTABLE: "text without control characters",
    HEADER_VALUE: "text without control characters, and without spaces at its ends",
}
"""The patterns of texts in words."""

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Text = Annotated[str, Meta(min_length=1, max_length=80, pattern=PRINTABLE)]
Secret = Annotated[str, Meta(min_length=1, max_length=256, pattern=HEADER_VALUE)]
Moment = Annotated[float, Meta(ge=0, le=LONGEST_SCENARIO)]
Every = Annotated[float, Meta(ge=1, le=LONGEST_SCENARIO)]
Tokens = Annotated[int, Meta(ge=0, le=10**12)]
RuleList = Annotated[list[Any], Meta(max_length=10_000)]
Deployments = Annotated[dict[str, Any], Meta(max_length=1_000)]


class _Members(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    pass


class QuotaFields(_Members, frozen=True):
    """Tokens per minute of a model that a subscription has in a region."""

    region: Text
    model: Text
    tokens_per_minute: Tokens
    subscription: Text = "default"


class UpstreamFields(_Members, frozen=True):
    """The Azure OpenAI resource that record mode asks; without a `key` an Entra identity signs in."""

    endpoint: Annotated[str, Meta(max_length=2_000)]
    key: Secret | None = None


class ResourceFields(_Members, frozen=True):
    region: Text | None = None
    subscription: Text = "default"
    deployments: Deployments | None = None
    keys: Annotated[list[Secret], Meta(min_length=1, max_length=10)] | None = None
    rules: RuleList = []
    latency: dict[str, Any] | None = None
    upstream: UpstreamFields | None = None


class RepeatFields(_Members, frozen=True):
    """An entry comes again `every` this many seconds, `times` times in all."""

    every: Every
    times: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None


class QuotaChange(_Members, frozen=True):
    tokens_per_minute: Tokens


class EntryFields(_Members, frozen=True):
    """A change at a moment of the scenario's clock; null brings back what the file begins with."""

    at: Moment
    # Without a pattern: msgspec 0.22 frees one twice that is in a union with a bounded list.
    resource: Name | Annotated[list[Name], Meta(min_length=1)] | None = None
    over: Moment = 0.0
    repeat: Every | RepeatFields | None = None
    rules: RuleList | UnsetType | None = UNSET
    deployments: Deployments | UnsetType | None = UNSET
    latency: dict[str, Any] | UnsetType | None = UNSET
    quotas: dict[str, Any] | UnsetType | None = UNSET


class FleetFields(_Members, frozen=True):
    resources: Annotated[dict[str, Any], Meta(min_length=1, max_length=MOST_RESOURCES)]
    quotas: Annotated[dict[str, Any], Meta(max_length=MOST_QUOTAS)] = {}
    timeline: Annotated[list[Any], Meta(max_length=MOST_ENTRIES)] = []


STRUCTS: dict[type[Struct], dict[str, type[Struct]]] = {
    FleetFields: {},
    QuotaFields: {},
    ResourceFields: {"upstream": UpstreamFields},
    EntryFields: {"repeat": RepeatFields},
    QuotaChange: {},
}
"""The structs within a struct, by the place at which they stand in it."""
