"""The members of a rule as people write them, with their types and bounds."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

LONGEST_REPLY = 200_000
LONGEST_TEST = 1_000
MOST_REPLIES = 1_000
MOST_CALLS = 128
MOST_DIMENSIONS = 8_192
LONGEST_IMAGE = 4 * 2**20
"""Characters of a name or a data URL."""

Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^/\x00-\x1f\x7f]+\Z")]
Text = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEST)]
Texts = Text | Annotated[list[Text], Meta(min_length=1, max_length=1_000)]
Reply = Annotated[str, Meta(max_length=LONGEST_REPLY)]
Replies = Annotated[list[Reply], Meta(min_length=1, max_length=MOST_REPLIES)]
Calls = Annotated[dict[Name, dict[str, Any] | Reply], Meta(min_length=1, max_length=MOST_CALLS)]
CallList = Annotated[list[Calls], Meta(min_length=1, max_length=MOST_CALLS)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
Milliseconds = Annotated[float, Meta(ge=0, le=3_600_000)]
Then = Literal["repeat", "last", "pass"]

Number = Annotated[float, Meta(ge=-1e30, le=1e30)]
Vector = Annotated[list[Number], Meta(min_length=1, max_length=MOST_DIMENSIONS)]
ImageSource = Annotated[str, Meta(min_length=1, max_length=LONGEST_IMAGE)]
RecordingName = Annotated[str, Meta(min_length=1, max_length=400)]


class _Members(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class TextTest(_Members, frozen=True):
    """A list means any of them."""

    contains: Texts | None = None
    matches: Texts | None = None


class When(_Members, frozen=True):
    """All members that are given have to hold."""

    operation: Texts | None = None
    deployment: Texts | None = None
    model: Texts | None = None
    resource: Texts | None = None
    method: Texts | None = None
    path: Texts | None = None
    header: dict[str, Any] | None = None
    contains: Texts | None = None
    matches: Texts | None = None
    any_message: TextTest | None = None
    tool: Texts | None = None
    tool_result: Texts | None = None
    stream: bool | None = None
    body: dict[str, Any] | None = None
    client: Texts | None = None


class LatencyFields(_Members, frozen=True):
    first_token_ms: Milliseconds | None = None
    token_ms: Milliseconds | None = None
    factor: Annotated[float, Meta(ge=0, le=1000)] | None = None


class Like(_Members, frozen=True):
    """The embedding of another text."""

    like: Annotated[str, Meta(min_length=1, max_length=LONGEST_REPLY)]


FaultKind = Literal[
    "rate_limit", "ptu_limit", "quota", "capacity", "server_error", "gateway_error", "unavailable",
    "timeout", "gateway_timeout", "forbidden_network", "suspended", "reset", "hang", "disconnect",
    "truncate", "stall", "malformed", "slow", "error_event", "failed_event", "empty", "no_usage",
]  # fmt: skip


class FaultFields(_Members, frozen=True):
    kind: FaultKind
    retry_after: Annotated[float, Meta(ge=0, le=31_536_000)] | None = None
    after_events: Count | None = None
    after_tokens: Count | None = None
    seconds: Annotated[float, Meta(ge=0, le=3600)] | None = None
    token_ms: Milliseconds | None = None
    charged: bool | None = None


class Annotations(_Members, frozen=True):
    """Findings that are shown and block nothing; values are checked apart."""

    prompt: dict[str, Any] | None = None
    completion: dict[str, Any] | None = None


class FilterFields(_Members, frozen=True):
    """Members of `prompt` and `completion` are categories, which are checked apart."""

    prompt: dict[str, Any] | None = None
    completion: dict[str, Any] | None = None
    annotate: Annotations | None = None
    unavailable: bool | None = None
    charged: bool | None = None


class RuleFields(_Members, frozen=True, rename={"from_": "from"}):
    """A rule; its actions stand between `reply` and `latency`."""

    name: Name | None = None
    when: When = When()
    reply: Reply | Replies | dict[str, Any] | UnsetType = UNSET
    then: Then | None = None
    call: Calls | CallList | UnsetType = UNSET
    embedding: Vector | Like | UnsetType = UNSET
    image: ImageSource | UnsetType = UNSET
    transcript: Annotated[str, Meta(min_length=1, max_length=LONGEST_REPLY)] | UnsetType = UNSET
    recording: RecordingName | UnsetType = UNSET
    fault: FaultFields | UnsetType = UNSET
    filter: FilterFields | UnsetType = UNSET
    latency: LatencyFields | UnsetType = UNSET
    times: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None
    skip: Count = 0
    probability: Share | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    from_: Seconds | None = None
    until: Seconds | None = None
    ttl: Seconds | None = None


STRUCTS: dict[str, type[Struct]] = {
    "": RuleFields,
    "when": When,
    "when.any_message": TextTest,
    "embedding": Like,
    "fault": FaultFields,
    "filter": FilterFields,
    "filter.annotate": Annotations,
    "latency": LatencyFields,
}
"""By the place at which their members stand in a rule."""
