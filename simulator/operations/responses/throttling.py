"""A streamed response that is throttled after its stream has begun (seen in public projects, 2026)."""

import msgspec

from simulator.errors import ApiError, ThroughputExceeded
from simulator.latency import AT_ONCE
from simulator.messages import Chunk
from simulator.operations.responses.stream import begun_chunks
from simulator.operations.responses.wire import ResponseEnvelope
from simulator.wire.sse import event

_TYPE = "too_many_requests"


def throttled_chunks(envelope: ResponseEnvelope, error: ApiError) -> tuple[Chunk, ...]:
    """The events of a stream that begins as any other and ends with the error."""
    chunks = begun_chunks(envelope, AT_ONCE)
    provisioned = isinstance(error, ThroughputExceeded)
    refusal: dict[str, object] = {
        "type": _TYPE,
        "code": ThroughputExceeded.code if provisioned else "rate_limit_exceeded",
        "headers": {"skip-error-remapping": "true"} if provisioned else {"x-ms-fe-error": "true"},
        "message": error.message,
        "param": None,
    }
    data = {"type": "error", "error": refusal, "sequence_number": len(chunks)}
    return (*chunks, Chunk(event(msgspec.json.encode(data), "error")))
