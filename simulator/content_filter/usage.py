"""The usage of an answer that was cut: the prompt, and the tokens so far."""

from msgspec import structs

from simulator.content_filter.slots import Json
from simulator.messages import Usage


def reduce_usage(holder: Json, removed: int) -> None:
    """Take tokens out of the `usage` of a body or an event."""
    usage = holder.get("usage")
    if not removed or not isinstance(usage, dict):
        return
    for name in ("completion_tokens", "output_tokens", "total_tokens"):
        count = usage.get(name)  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType] JSON
        if isinstance(count, int):
            usage[name] = max(0, count - removed)


def reduced(usage: Usage | None, removed: int) -> Usage | None:
    if usage is None or not removed:
        return usage
    return structs.replace(usage, completion=max(usage.reasoning, usage.completion - removed))
