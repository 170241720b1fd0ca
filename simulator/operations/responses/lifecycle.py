"""The state of a stored response at a moment: it follows from the clock, so nothing runs
meanwhile.
"""

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from simulator.messages import Chunk
from simulator.operations.responses.store import StoredResponse
from simulator.operations.responses.wire import ResponseEnvelope
from simulator.wire.broken_bodies import FAILED
from simulator.wire.faults import Fault, spoiled_events
from simulator.wire.sse import event

_UNTOLD: dict[str, object] = {
    "completed_at": None,
    "content_filters": None,
    "incomplete_details": None,
    "output": [],
    "usage": None,
}
_BODY = msgspec.json.Decoder(dict[str, object])
_OUTPUT = msgspec.json.Decoder(list[Raw])


def stored_response(
    envelope: ResponseEnvelope,
    done: dict[str, object],
    context: list[Raw],
    *,
    chunks: Sequence[Chunk],
    work: tuple[float, float],
    fault: Fault | None = None,
) -> StoredResponse:
    """A response to keep; `work` says when it begins and ends, in seconds from now."""
    background = bool(envelope.parameters.background)
    replayed = background and envelope.parameters.stream
    if fault is not None and fault.fails:
        sent = spoiled_events(chunks, fault)
        # A stream that is shorter than the place of its fault stays whole.
        if not envelope.parameters.stream or tuple(sent) != tuple(chunks):
            done, chunks = {**done, **FAILED}, sent
    return StoredResponse(
        id=envelope.id,
        created=envelope.created,
        started=envelope.created + work[0],
        finished=envelope.created + work[1],
        background=background,
        body=Raw(msgspec.json.encode(done)),
        context=context,
        conversation=envelope.parameters.conversation_id or "",
        events=[(chunk.due, chunk.data.decode()) for chunk in chunks] if replayed else [],
    )


def under_way(stored: StoredResponse, now: float) -> bool:
    """Return True if it is queued or in progress; only what runs in the background can be."""
    return stored.background and stored.cancelled is None and now < stored.finished


def body_at(stored: StoredResponse, now: float) -> dict[str, object]:
    """The response as it is at a moment (Microsoft's description of the protocol: output appears
    when a background response is done, and goes when it is cancelled)."""
    body = _BODY.decode(stored.body)
    if stored.cancelled is not None:
        return {**body, **_UNTOLD, "status": "cancelled"}
    if not under_way(stored, now):
        return body
    status = "queued" if now < stored.started else "in_progress"
    return {**body, **_UNTOLD, "status": status, "service_tier": "auto"}


def output_at(stored: StoredResponse, now: float) -> list[Raw]:
    """The items that it has put out by then."""
    return _OUTPUT.decode(msgspec.json.encode(body_at(stored, now)["output"]))


def events_at(stored: StoredResponse, now: float, after: int) -> tuple[Chunk, ...]:
    """The events numbered above `after`, each due when it is or was; a cancelled one ends early."""
    end = stored.cancelled
    events = [
        Chunk(data.encode(), max(0.0, stored.created + due - now))
        for due, data in stored.events
        if end is None or stored.created + due <= end
    ]
    if end is not None:
        data = {
            "type": "response.failed",
            "response": body_at(stored, now),
            "sequence_number": len(events),
        }
        events.append(Chunk(event(msgspec.json.encode(data), "response.failed")))
    return tuple(events[after + 1 :])
