"""A filter that is down: answers come unfiltered, and say so in each choice (Microsoft's page on content
filtering; recorded plain 2026-02, streams published 2026-01 and 2026-08)."""

from collections.abc import Iterable

from simulator.content_filter.course import read_event, written
from simulator.content_filter.slots import Json, objects
from simulator.content_filter.tally import Tally
from simulator.messages import Chunk

_ERROR = {"error": {"code": "content_filter_error", "message": "The contents are not filtered"}}


def leave_unfiltered(body: Json) -> None:
    """Change the body of an answer of chat or completions, or an event of its stream."""
    for result in objects(body.get("prompt_filter_results")):
        if "content_filter_results" in result:
            result["content_filter_results"] = {}
    for choice in objects(body.get("choices")):
        members = {**choice}
        results = members.pop("content_filter_results", None)
        choice.clear()
        choice["content_filter_result"] = _ERROR
        # The chunks with text alone have nothing beside the error.
        if results is not None and not _is_text(members):
            choice["content_filter_results"] = {}
        choice |= members


def _is_text(choice: Json) -> bool:
    """Return True for a delta with something in it but the role."""
    return any("role" not in delta for delta in objects([choice.get("delta")]) if delta)


class UnfilteredStream:
    """The course of a stream of which nothing is held back."""

    def __init__(self) -> None:
        self.tally = Tally()

    def feed(self, chunk: Chunk) -> Iterable[Chunk]:
        body = read_event(chunk.data)
        if body is None:
            return (chunk,)
        leave_unfiltered(body)
        return (Chunk(written(body), chunk.due),)

    def end(self) -> Iterable[Chunk]:
        return ()
